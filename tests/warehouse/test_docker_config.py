"""Logins are found where `docker login` leaves them."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path

import pytest

from github_app.warehouse.docker_config import DockerLogins
from github_app.warehouse.ports import Login
from plugin.artifact import Repository
from plugin.errors import Refusal

GHCR = Repository.parse("ghcr.io/acme/web")


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def logins(tmp_path: Path, content: dict[str, object]) -> DockerLogins:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(content), encoding="utf-8")
    return DockerLogins(config)


def test_each_host_has_its_own_login(tmp_path: Path) -> None:
    hub = "https://index.docker.io/v1/"
    found = logins(tmp_path, {"auths": {"127.0.0.1:5000": auth("gate:hu:sh"), hub: auth("a:b")}})
    assert found(Repository("127.0.0.1:5000", "web")) == Login("gate", "hu:sh")
    assert found(Repository("docker.io", "web")) == Login("a", "b")
    assert found(Repository("ghcr.io", "web")) is None


def test_no_file_holds_no_logins_even_where_the_environment_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins(tmp_path, {"auths": {"ghcr.io": auth("a:b")}})
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert DockerLogins(tmp_path / "absent" / "config.json")(GHCR) is None


def test_a_token_login_is_refused_with_what_to_do(tmp_path: Path) -> None:
    found = logins(tmp_path, {"auths": {"x.azurecr.io": {"identitytoken": "t", **auth("a:")}}})
    with pytest.raises(Refusal, match="log in with both"):
        found(Repository("x.azurecr.io", "web"))


def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> DockerLogins:
    program = tmp_path / "docker-credential-vault"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return logins(tmp_path, {"credHelpers": {"ghcr.io": "vault"}})


def test_a_credential_helper_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '{"ServerURL":"ghcr.io","Username":"bot","Secret":"s"}'
    assert helper(tmp_path, monkeypatch, f"echo '{answer}'")(GHCR) == Login("bot", "s")


def test_a_helper_that_fails_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL), pytest.raises(Refusal, match=r"helper for ghcr\.io"):
        helper(tmp_path, monkeypatch, "echo broken; exit 1")(GHCR)
