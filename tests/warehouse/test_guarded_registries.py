"""Real registries that ask who we are, and that must show who they are."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from github_app.warehouse.docker_config import DockerLogins
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.ports import Login, Logins
from github_app.warehouse.registry_http import RegistryHttp
from github_app.warehouse.registry_session import registry_session
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.passwords import HTPASSWD
from tests.warehouse.guarded import (
    LOGIN,
    NAME,
    Authority,
    TokenServer,
    guarded,
    token_server,
)

ME, NOBODY = Login(*LOGIN), None


@pytest.fixture
def filled(registry_binary: Path, tmp_path: Path) -> tuple[Path, str]:
    """A directory with images, and the digest of all of them."""
    directory = tmp_path / "registry"
    with registry(registry_binary, directory) as plain:
        pusher = Pusher(plain.url)
        digests = {
            pusher.push_image(path, "1", image({"v": b"1"}))
            for path in ("acme/web", "acme/api", "public/web")
        }
    (digest,) = digests
    return directory, digest


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """`registry.example` is this machine, although it is no loopback address by its name."""
    real = socket.getaddrinfo

    def found(host: str, *args: Any, **kwargs: Any) -> Any:
        return real("127.0.0.1" if host == NAME else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)


def as_(login: Login | None) -> Logins:
    return lambda place: login


@pytest.mark.usefixtures("named")
def test_passwords_over_tls_with_an_authority_of_our_own(
    registry_binary: Path, tmp_path: Path, filled: tuple[Path, str]
) -> None:
    directory, digest = filled
    authority = Authority(tmp_path / "certificates")
    certificate, key = authority.issued(NAME)
    (directory / "htpasswd").write_text(HTPASSWD, encoding="utf-8")
    changes = {
        "http": {"tls": {"certificate": str(certificate), "key": str(key)}},
        "auth": {"htpasswd": {"realm": "tests", "path": str(directory / "htpasswd")}},
    }
    with guarded(registry_binary, directory, changes) as port:
        place = Repository(f"{NAME}:{port}", "acme/web")
        with registry_session(authority.file) as session:
            found = OciRegistry(RegistryHttp(session, as_(ME))).resolve(place, "1")
            assert found is not None
            assert found.digest == digest
            for login in (Login("gate", "wrong"), NOBODY):
                with pytest.raises(Refusal, match="does not show acme/web to"):
                    OciRegistry(RegistryHttp(session, as_(login))).tags(place)
        with (
            registry_session() as session,
            pytest.raises(Refusal, match=rf"certificate of {NAME}:{port} is not trusted"),
        ):
            OciRegistry(RegistryHttp(session, as_(ME))).tags(place)


@pytest.fixture
def tokens(
    registry_binary: Path, tmp_path: Path, filled: tuple[Path, str]
) -> Iterator[tuple[TokenServer, str]]:
    """A token server, and the host of the registry that believes its tokens."""
    authority = Authority(tmp_path / "certificates")
    with token_server(TokenServer(authority)) as server:
        token = {"realm": server.url, "service": "tests", "issuer": "tests"}
        changes = {"auth": {"token": token | {"rootcertbundle": str(authority.file)}}}
        with guarded(registry_binary, filled[0], changes) as port:
            yield server, f"127.0.0.1:{port}"


def test_i9_a_token_is_asked_for_once_for_each_repository(
    tokens: tuple[TokenServer, str], filled: tuple[Path, str]
) -> None:
    server, host = tokens
    with registry_session() as session:
        oci = OciRegistry(RegistryHttp(session, as_(ME)))
        for path in ("acme/web", "acme/api", "acme/web"):
            place = Repository(host, path)
            assert oci.tags(place) == ("1",)
            found = oci.resolve(place, "1")
            assert found is not None
            assert found.digest == filled[1]
    assert server.asked == ["repository:acme/web:pull", "repository:acme/api:pull"]


def test_anybody_may_read_what_is_public_and_nothing_else(tokens: tuple[TokenServer, str]) -> None:
    _, host = tokens
    with registry_session() as session:
        oci = OciRegistry(RegistryHttp(session, as_(NOBODY)))
        assert oci.tags(Repository(host, "public/web")) == ("1",)
        with pytest.raises(Refusal, match="does not show acme/web to anybody without a login"):
            oci.tags(Repository(host, "acme/web"))
        wrong = OciRegistry(RegistryHttp(session, as_(Login("gate", "wrong"))))
        with pytest.raises(Refusal, match="does not show public/web to the login 'gate'"):
            wrong.tags(Repository(host, "public/web"))


def test_a_token_that_has_ended_is_replaced(tokens: tuple[TokenServer, str]) -> None:
    server, host = tokens
    server.life = timedelta(minutes=-10)
    statuses: list[int] = []
    with registry_session() as session:
        session.hooks["response"].append(lambda answer, **_: statuses.append(answer.status_code))
        oci = OciRegistry(RegistryHttp(session, as_(ME)))
        with pytest.raises(Refusal, match="does not show acme/web to the login 'gate'"):
            oci.tags(Repository(host, "acme/web"))
        server.life = timedelta(minutes=5)
        assert oci.tags(Repository(host, "acme/web")) == ("1",)
    assert statuses == [401, 200, 401, 401, 200, 200]


def test_a_token_that_is_about_to_end_costs_no_refusal(tokens: tuple[TokenServer, str]) -> None:
    server, host = tokens
    now, statuses = [datetime(2026, 1, 1, tzinfo=UTC)], list[int]()
    with registry_session() as session:
        session.hooks["response"].append(lambda answer, **_: statuses.append(answer.status_code))
        oci = OciRegistry(RegistryHttp(session, as_(ME), clock=lambda: now[0]))
        for minutes in (0, 4, 5):
            now[0] += timedelta(minutes=minutes)
            oci.tags(Repository(host, "acme/web"))
    assert statuses == [401, 200, 200, 200, 200, 200]
    assert len(server.asked) == 2


def test_a_mounted_secret_opens_what_lies_below_its_path(
    tokens: tuple[TokenServer, str], tmp_path: Path
) -> None:
    _, host = tokens
    secret = tmp_path / "pull" / ".dockerconfigjson"
    secret.parent.mkdir()
    auth = base64.b64encode(":".join(LOGIN).encode()).decode()
    secret.write_text(json.dumps({"auths": {f"{host}/acme/web": {"auth": auth}}}), encoding="utf-8")
    logins = DockerLogins(tmp_path / "none.json", [secret.parent])
    with registry_session() as session:
        oci = OciRegistry(RegistryHttp(session, logins))
        assert oci.tags(Repository(host, "acme/web")) == ("1",)
        with pytest.raises(Refusal, match="anybody without a login"):
            oci.tags(Repository(host, "acme/api"))
        assert requests.get(f"http://{host}/v2/", timeout=10).status_code == 401
