"""Where an artifact comes from, by what its source says of it: repository, revision, pages. Pure.

What images say of themselves is anybody's word (https://github.com/opencontainers/image-spec/blob/main/annotations.md):
an address is taken only if it is https, and every letter of host and path is one that can do
nothing in a link, so that it needs no escaping.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from github_app.arrivals import Facts
from plugin.artifact import Artifact, Revision

_OCI = "org.opencontainers.image."
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?P<host>{_NAME}(?:\.{_NAME}){{1,8}}(?::[0-9]{{1,5}})?)"
_PART = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]{1,100}"
_ADDRESS = re.compile(rf"https://{_HOST}/(?P<path>{_PART}(?:/{_PART}){{0,9}})/?", re.ASCII)
_HOME = re.compile(rf"https://{_HOST}/?", re.ASCII)
_REVISION = re.compile(r"[0-9a-f]{7,64}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", re.ASCII)
_LONGEST = 500
# Behind these a repository's own pages begin.
_INNER = frozenset({"-", "tree", "blob", "src", "commit", "issues", "pull", "pulls", "releases"})


class Forge(enum.Enum):
    """Whose pages a host has, as far as its name tells."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"
    BITBUCKET = "bitbucket"
    OTHER = "other"


_FORGES = {
    "github.com": Forge.GITHUB,
    "bitbucket.org": Forge.BITBUCKET,
    "codeberg.org": Forge.GITEA,
}
_FIRST_WORDS = {
    "github": Forge.GITHUB,
    "gitlab": Forge.GITLAB,
    "gitea": Forge.GITEA,
    "forgejo": Forge.GITEA,
}


@dataclass(frozen=True, slots=True)
class SourceRepository:
    """A repository of source code on the web; every letter of its address is harmless."""

    host: str
    path: str

    @classmethod
    def parse(cls, text: str) -> SourceRepository | None:
        """The repository that an address leads into; None unless it is plainly one."""
        found = _ADDRESS.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            return None
        host, parts = found["host"].lower(), found["path"].split("/")
        if forge_of(host) in {Forge.GITHUB, Forge.GITEA, Forge.BITBUCKET}:
            parts = parts[:2]
        inner = next((at for at, one in enumerate(parts) if one in _INNER), len(parts))
        path = "/".join(parts[:inner]).removesuffix(".git")
        return cls(host, path) if "/" in path else None

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://{self.host}/{self.path}"

    @property
    def forge(self) -> Forge:
        """Whose pages it has."""
        return forge_of(self.host)


def forge_of(host: str) -> Forge:
    """Whose pages a host has."""
    name = host.partition(":")[0]
    if name.endswith(".ghe.com"):
        return Forge.GITHUB
    first = name.partition(".")[0]
    return _FORGES.get(name, _FIRST_WORDS.get(first, Forge.OTHER))


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of where an artifact comes from; '' or None is unknown.

    `revision` is a commit's id or the beginning of one. `page` is an address of its maker's, never
    one of a forge: a link there would leave a note on whatever it leads to.
    """

    source: SourceRepository | None = None
    revision: str = ""
    version: str = ""
    page: str = ""


NOWHERE = Origin()


def origin_of(artifact: Artifact, facts: Facts) -> Origin:
    """Where `artifact` comes from, by `facts` that its source told of it."""
    said = dict(facts)
    if isinstance(artifact, Revision):
        return Origin(
            SourceRepository.parse(str(artifact.subject)),
            artifact.commit or _fitting(_REVISION, artifact.tag),
            _fitting(_VERSION, artifact.tag) if artifact.tag != artifact.commit else "",
        )
    return Origin(
        _source(said),
        _fitting(_REVISION, said.get(f"{_OCI}revision", "")),
        _fitting(_VERSION, said.get(f"{_OCI}version", "")),
        _page(said.get(f"{_OCI}url", "")),
    )


def _source(said: Mapping[str, str]) -> SourceRepository | None:
    """The first address that is plainly a repository's; a chart may name several."""
    words = f"{said.get(f'{_OCI}source', '')} {said.get('sources', '')}".split()
    found = (SourceRepository.parse(one) for one in words)
    return next((one for one in found if one is not None), None)


def _fitting(form: re.Pattern[str], text: str) -> str:
    return text if form.fullmatch(text) else ""


def _page(text: str) -> str:
    found = (_ADDRESS.fullmatch(text) or _HOME.fullmatch(text)) if len(text) <= _LONGEST else None
    return text if found is not None and forge_of(found["host"].lower()) is Forge.OTHER else ""
