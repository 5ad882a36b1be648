"""Which of the logins in Docker's configuration format is for a repository; pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from docker.auth import AuthConfig
from docker.errors import DockerException

from github_app.warehouse.ports import Login
from plugin.artifact import Repository
from plugin.errors import Refusal

_DOCKER_HUB = {"index.docker.io": "docker.io", "registry-1.docker.io": "docker.io"}
# `docker login` writes the address of the API, https://index.docker.io/v1/.
_API_VERSIONS = (["v1"], ["v2"])


@dataclass(frozen=True, slots=True)
class Entry:
    """A login and where it counts: a host, in which `*` and `?` may stand, and a path below it.

    `login` is None where there is something else than a name and a password.
    """

    host: str
    path: tuple[str, ...]
    login: Login | None

    @classmethod
    def of(cls, key: str, login: Login | None) -> Entry:
        """The entry under a key such as `ghcr.io/acme`, `*.acme.io` or `https://host:5000/v2/`."""
        host, _, path = key.removeprefix("https://").removeprefix("http://").partition("/")
        words = [word for word in path.split("/") if word]
        path_words = () if words in _API_VERSIONS else tuple(words)
        return cls(_DOCKER_HUB.get(host.lower(), host.lower()), path_words, login)

    def counts_for(self, repository: Repository) -> bool:
        """Whether the repository is below it; the rule of Kubernetes, word by word.

        https://kubernetes.io/docs/concepts/containers/images/#config-json: as many domain parts,
        each matched, the same port, and the path begins with the entry's.
        """
        words = tuple(repository.path.split("/"))
        if words[: len(self.path)] != self.path:
            return False
        patterns, parts = _parts(self.host), _parts(repository.host)
        return len(patterns) == len(parts) and all(map(_matches, parts, patterns))

    @property
    def precision(self) -> tuple[int, bool]:
        """How closely it says where it counts: by the longer path, then by a host without stars."""
        return len(self.path), not {"*", "?"} & set(self.host)


def best(entries: Iterable[Entry], repository: Repository) -> Entry | None:
    """The entry that says most closely that it is for the repository, of equal ones the first."""
    found = [one for one in entries if one.counts_for(repository)]
    return max(found, key=lambda one: one.precision, default=None)


def configuration(content: bytes, what: str) -> Mapping[str, Any]:
    """What a configuration file says; raises a Refusal that shows nothing of it."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        # What is wrong might be a password: neither the text nor its parser may be quoted.
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("auths", {}), dict):
        raise Refusal(f"{what} is not a Docker configuration: JSON with 'auths' is needed")
    return said


def entries(said: Mapping[str, Any], what: str) -> Iterator[Entry]:
    """The logins under `auths`; raises a Refusal that names the entry and shows nothing of it.

    Beside a credential helper Docker leaves an empty entry for every host it is logged in to.
    """
    for key, value in (said.get("auths") or {}).items():
        known = _known(key, value, what)
        if known:
            yield Entry.of(key, login_of(known))


def _known(key: str, value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(f"{what}: the entry '{key[:200]}' is no login")
    user, password = value.get("username"), value.get("password")
    if "auth" not in value and isinstance(user, str) and isinstance(password, str):
        value = {**value, "auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
    try:
        known = AuthConfig.parse_auth({key: value}, raise_on_error=True)[key]
    except (DockerException, ValueError, TypeError):
        known = None
    if not isinstance(known, dict):
        raise Refusal(f"{what}: 'auth' of '{key[:200]}' is not 'user:password' in base64")
    return known


def login_of(known: Mapping[str, Any]) -> Login | None:
    """The login the `docker` package found; None if it has no user name and password."""
    # Helpers give capital names, files small ones.
    low = {name.lower(): value for name, value in known.items()}
    user, password = low.get("username"), low.get("password")
    return Login(user, password) if user and password else None


def _parts(host: str) -> list[str]:
    """The domain's words, and the port as the last one."""
    name, colon, port = host.rpartition(":")
    return [*name.split("."), port] if colon and port.isdecimal() else [*host.split("."), ""]


def _matches(part: str, pattern: str) -> bool:
    return part == pattern or fnmatchcase(part, pattern)
