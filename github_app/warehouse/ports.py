"""What discovery needs of the world: registries in four verbs, and who we are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from plugin.artifact import Repository
from plugin.artifact.platform import Platform

HELM_CHART = "application/vnd.cncf.helm.config.v1+json"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What stands behind a tag: the digest a deployment would pin, and what it says of itself.

    For an image of several platforms `digest` is the index's. `kind` is the media type of what is
    no container image: `HELM_CHART`, or any other artifact's. `platforms` are the image's, none
    where it names none. `facts` are annotations and labels for people, such as
    `org.opencontainers.image.source`: single lines of at most 500 characters.
    """

    digest: str
    media_type: str
    facts: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    platforms: tuple[Platform, ...] = ()
    kind: str = ""

    def runs_on(self, platform: Platform | None) -> bool:
        """Whether the image is for `platform`; any is, where none is asked for."""
        return platform is None or any(platform.matches(one) for one in self.platforms)


class Registry(Protocol):
    """Every OCI registry; its verbs raise Refusal and Temporary.

    `platform` only says which image of an index is described, and whose times count: whoever asks
    for one looks at `Resolved.runs_on`, too.
    """

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag of the repository, in the registry's order."""

    def resolve(
        self,
        repository: Repository,
        tag: str,
        platform: Platform | None = None,
        *,
        moves: bool = False,
    ) -> Resolved | None:
        """What stands behind the tag now; None if there is no such tag.

        Where an index names no time, `created` is that of the image described. `moves` says that
        the tag is expected to mean something else soon, such as `latest`.
        """

    def dated(
        self, repository: Repository, tags: Sequence[str], platform: Platform | None = None
    ) -> Mapping[str, Resolved]:
        """What stands behind each tag that is there; `created` is the newest of all its images."""

    def digest(self, repository: Repository, tag: str) -> str | None:
        """The digest the registry claims for the tag; None if it claims none or has no such tag."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password (or token) for a registry."""

    user: str
    password: str = field(repr=False)


class Logins(Protocol):
    """The credentials a person has given us."""

    def __call__(self, repository: Repository) -> Login | None:
        """The login for a repository, None if there is none; raises Refusal."""
