"""Image references: parse, normalise, print and compare what a registry can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

DOCKER_HUB = "docker.io"
_DOCKER_HUB_ALIASES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PORT = r"(?::[0-9]{1,5})?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*{_PORT}|\[[0-9a-fA-F:]+\]{_PORT}")
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """A registry repository under its one normalised name.

    Docker Hub's short forms and host aliases become `docker.io/library/nginx`, because
    `nginx`, `library/nginx` and `index.docker.io/library/nginx` are one place
    (https://github.com/distribution/reference, "familiar names"). `subscription` is named where a
    warehouse has several to one repository; a place in a file is then theirs only if it says so.
    """

    host: str
    path: str
    subscription: str = ""

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise Refusal(f"'{self.host}' is not a registry host")
        if not all(_COMPONENT.fullmatch(part) for part in self.path.split("/")):
            raise Refusal(
                f"'{self.path}' is not an image repository: "
                "lower-case words separated by '/', '.', '_' or '-'"
            )

    @classmethod
    def parse(cls, text: str) -> Repository:
        """The repository `text` names, without tag and digest; raises Refusal."""
        first, slash, rest = text.partition("/")
        if slash and ("." in first or ":" in first or first == "localhost"):
            host, path = first.lower(), rest
        else:
            host, path = DOCKER_HUB, text
        if host in _DOCKER_HUB_ALIASES:
            host = DOCKER_HUB
            path = path if "/" in path else f"library/{path}"
        return cls(host, path)

    def __str__(self) -> str:
        return f"{self.host}/{self.path}"

    @property
    def plain(self) -> Repository:
        """The repository itself, whatever subscription to it this is."""
        return Repository(self.host, self.path) if self.subscription else self


def is_tag(text: str) -> bool:
    """Whether `text` is a tag as the OCI distribution specification defines it."""
    return _TAG.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Whether `text` is a sha256 or sha512 digest as the OCI image specification defines it."""
    return _DIGEST.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Reference:
    """What somebody wrote in an `image:` field: a repository with tag, digest, both or neither."""

    repository: Repository
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """The parts of `[host[:port]/]path[:tag][@digest]`; raises Refusal."""
        name, at, digest = text.partition("@")
        colon = name.rfind(":")
        has_tag = colon > name.rfind("/")
        tag = name[colon + 1 :] if has_tag else None
        if at and not is_digest(digest):
            raise Refusal(f"'{digest}' in '{text}' is not a digest (sha256: and 64 hex digits)")
        if tag is not None and not is_tag(tag):
            raise Refusal(f"'{tag}' in '{text}' is not a tag")
        repository = Repository.parse(name[:colon] if has_tag else name)
        return cls(repository, tag, digest if at else None)


@dataclass(frozen=True, slots=True, order=True)
class _OfRepository:
    """A tag of a repository, and perhaps its content."""

    repository: Repository
    tag: str

    def __post_init__(self) -> None:
        if not is_tag(self.tag):
            raise Refusal(f"'{self.tag}' is not a tag of {self.repository}")

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def subject(self) -> Repository:
        """What this is a version of."""
        return self.repository


@dataclass(frozen=True, slots=True, order=True)
class Image(_OfRepository):
    """An image artifact: one repository at one tag and one digest."""

    digest: str

    def __post_init__(self) -> None:
        _OfRepository.__post_init__(self)
        if not is_digest(self.digest):
            raise Refusal(f"'{self.digest}' is not a digest of {self.repository}:{self.tag}")

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}@{self.digest}"

    @property
    def content(self) -> str:
        """What proves that it is the same image, whatever its tag."""
        return self.digest

    @property
    def version(self) -> str:
        """Its version for people."""
        return self.tag


@dataclass(frozen=True, slots=True, order=True)
class Tagged(_OfRepository):
    """A tag without a digest, for pins that name none."""

    digest = None


@dataclass(frozen=True, slots=True, order=True)
class Untied(_OfRepository):
    """A tag alone, asked for in so many words: a digest beside the old tag goes."""

    digest = None
