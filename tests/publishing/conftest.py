"""A real registry with a password, and what pushes to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from requests.auth import HTTPBasicAuth

from github_app.publishing.writes import Place, Writes
from github_app.sandbox.registry import RunningRegistry, registry
from plugin.artifact import Repository
from tests.passwords import HTPASSWD, PASSWORD, USER


@pytest.fixture(scope="module")
def running(
    registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningRegistry]:
    """A registry that asks everybody for a password."""
    directory = tmp_path_factory.mktemp("registry")
    with registry(registry_binary, directory, htpasswd=HTPASSWD) as running:
        yield running


def writes(host: str, path: str) -> Writes:
    """Requests to a repository of a registry on a loopback address, with the password."""
    session = requests.Session()
    session.trust_env = False
    place = Place(
        Repository(host, path),
        f"http://{host}",
        lambda challenge: HTTPBasicAuth(USER, PASSWORD),
        lambda: f"{host} does not let us push",
    )
    return Writes(session, place)
