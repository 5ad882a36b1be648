"""What discovery needs of the world: registries in three verbs, and who we are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from plugin.artifact import Repository


@dataclass(frozen=True, slots=True)
class Resolved:
    """What stands behind a tag: the digest a deployment would pin, and what the image says.

    For an image of several platforms `digest` is the index's. `labels` are those below
    `org.opencontainers.image.`, annotations before labels; `created` is when the image was built.
    """

    digest: str
    media_type: str
    labels: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None


class Registry(Protocol):
    """Every OCI registry; its verbs raise Refusal and Temporary."""

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag of the repository, in the registry's order."""

    def resolve(self, repository: Repository, tag: str) -> Resolved | None:
        """What stands behind the tag now; None if there is no such tag."""

    def digest(self, repository: Repository, tag: str) -> str | None:
        """The digest the registry claims for the tag; None if it claims none or has no such tag."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password (or token) for one registry host."""

    user: str
    password: str = field(repr=False)


class Logins(Protocol):
    """The credentials a person has given us."""

    def __call__(self, host: str) -> Login | None:
        """The login for a registry host as image names write it; raises Refusal."""
