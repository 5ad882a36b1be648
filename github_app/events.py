"""What a delivery means to us: never a value, only where to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from plugin.artifact import Repository


@dataclass(frozen=True, slots=True)
class RepositoryChanged:
    """Something happened in a GitHub repository, `owner/name`: look at it."""

    installation: int | None
    repository: str
    why: str


@dataclass(frozen=True, slots=True)
class ImagePushed:
    """A registry says that a tag was pushed: ask that registry, then look at its subscribers."""

    repository: Repository
    tag: str | None


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed, removed or given other repositories: list them anew."""

    installation: int


Event: TypeAlias = RepositoryChanged | ImagePushed | InstallationChanged


@dataclass(frozen=True, slots=True)
class Understood:
    """The delivery asks us to look at these places."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """The delivery is of a kind we know and leave alone on purpose."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The delivery is of a kind nobody taught us."""

    kind: str


Reading: TypeAlias = Understood | Ignored | Unknown
