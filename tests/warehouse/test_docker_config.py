"""Logins are found where `docker login` leaves them, and where Kubernetes mounts Secrets."""

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
    auths = {"ghcr.io": {}, "quay.io": auth("a:b")}
    return logins(tmp_path, {"credHelpers": {"ghcr.io": "vault"}, "auths": auths})


def test_i9_a_credential_helper_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '{"ServerURL":"ghcr.io","Username":"bot","Secret":"s"}'
    found = helper(tmp_path, monkeypatch, f"echo '{answer}'")
    assert found(GHCR) == Login("bot", "s")
    assert found(Repository.parse("quay.io/web")) == Login("a", "b")
    assert found(Repository.parse("nginx")) is None


def test_a_helper_that_knows_nothing_leaves_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "echo credentials not found in native keychain; exit 1"
    assert helper(tmp_path, monkeypatch, script)(GHCR) is None


@pytest.mark.parametrize("script", ["echo broken; exit 1", "echo hush", "echo '{}'", "echo 7"])
def test_a_helper_that_fails_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, script: str
) -> None:
    with (
        caplog.at_level(logging.CRITICAL),
        pytest.raises(Refusal, match=r"helper for ghcr\.io") as caught,
    ):
        helper(tmp_path, monkeypatch, script)(GHCR)
    assert "hush" not in str(caught.value)


class Mount:
    """A Secret as Kubernetes mounts it: its file leads through a link that is swapped at once."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._versions = 0

    def put(self, auths: dict[str, object] | str) -> None:
        text = auths if isinstance(auths, str) else json.dumps({"auths": auths})
        self._versions += 1
        version = self.directory / f"..{self._versions}"
        version.mkdir(parents=True)
        (version / ".dockerconfigjson").write_text(text, encoding="utf-8")
        new = self.directory / "..new"
        new.symlink_to(version.name)
        new.rename(self.directory / "..data")
        file = self.directory / ".dockerconfigjson"
        if not file.is_symlink():
            file.symlink_to("..data/.dockerconfigjson")


def test_a_rotated_secret_is_taken_without_a_restart(tmp_path: Path) -> None:
    mount = Mount(tmp_path / "pull")
    mount.put({"ghcr.io": auth("bot:old")})
    found = DockerLogins(tmp_path / "none.json", [mount.directory])
    assert found(GHCR) == Login("bot", "old")
    mount.put({"ghcr.io": auth("bot:new")})
    assert found(GHCR) == Login("bot", "new")


def test_i9_several_secrets_count_together_and_before_dockers_own(tmp_path: Path) -> None:
    for name, key in (("one", "ghcr.io"), ("two", "ghcr.io/acme"), ("three", "quay.io/acme")):
        Mount(tmp_path / "pull" / name).put({key: auth(f"{name}:p")})
    file = tmp_path / "four.json"
    file.write_text(json.dumps({"auths": {"quay.io": auth("four:p")}}), encoding="utf-8")
    config = tmp_path / "config.json"
    everywhere = {name: auth("docker:p") for name in ("ghcr.io/acme/web", "nas.lan", "quay.io")}
    config.write_text(json.dumps({"auths": everywhere}), encoding="utf-8")
    found = DockerLogins(config, [tmp_path / "pull", file])

    def user(image: str) -> str | None:
        login = found(Repository.parse(image))
        return login.user if login else None

    assert user("ghcr.io/acme/web") == "two"
    assert user("ghcr.io/other/web") == "one"
    assert user("quay.io/acme/web") == "three"
    assert user("quay.io/other/web") == "four"
    assert user("nas.lan/web") == "docker"
    assert user("nginx") is None


def test_a_directory_may_hold_a_docker_configuration_or_nothing(tmp_path: Path) -> None:
    assert DockerLogins(tmp_path / "none.json", [tmp_path])(GHCR) is None
    logins(tmp_path, {"auths": {"ghcr.io": auth("a:b")}})
    assert DockerLogins(tmp_path / "none.json", [tmp_path])(GHCR) == Login("a", "b")


def test_a_broken_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    mount = Mount(tmp_path / "pull")
    mount.put('{"auths": "hush"')
    found = DockerLogins(tmp_path / "none.json", [mount.directory])
    with pytest.raises(Refusal, match=r"pull/\.dockerconfigjson is not") as caught:
        found(GHCR)
    assert "hush" not in str(caught.value)


def test_a_file_that_is_not_there_or_too_large_is_named(tmp_path: Path) -> None:
    absent, large = tmp_path / "absent.json", tmp_path / "large.json"
    with pytest.raises(Refusal, match=r"absent\.json with registry logins cannot be read: No such"):
        DockerLogins(tmp_path / "none.json", [absent])(GHCR)
    large.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(Refusal, match=r"large\.json is larger"):
        DockerLogins(tmp_path / "none.json", [large])(GHCR)


def test_dockers_own_broken_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(Refusal, match=r"config\.json is not a Docker configuration"):
        DockerLogins(tmp_path / "config.json")(GHCR)
