"""What a delivery means to us: only where to look, unless nobody else can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from plugin.artifact import Repository

PUSH = "push to "
"""How `why` begins where a branch or tag was pushed."""


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


@dataclass(frozen=True, slots=True)
class ArtifactPosted:
    """Somebody made a version of a custom artifact known: nobody else can be asked about it.

    It is for the pipelines of `repository`, `owner/name`; '' for `project` or `warehouse` is any
    there. `sender` is who proved to have posted it: a repository whose CI did, or "the secret".
    """

    repository: str
    project: str
    warehouse: str
    name: str
    version: str
    metadata: tuple[tuple[str, str], ...]
    sender: str


@dataclass(frozen=True, slots=True)
class FreightAsked:
    """Somebody asks for freight of these versions, by the names of a warehouse's subscriptions."""

    repository: str
    project: str
    warehouse: str
    versions: tuple[tuple[str, str], ...]
    sender: str


@dataclass(frozen=True, slots=True)
class ApplicationReported:
    """Argo CD says how an Application of a repository, `owner/name`, stands at some commits.

    Whoever holds the dialect's secret said so. `state` is `success`, `pending` or `failure`, `said`
    Argo CD's own words for it, and `at` when it looked, as it writes that: '' if it does not say.
    """

    repository: str
    application: str
    revisions: tuple[str, ...]
    state: str
    said: str
    at: str


@dataclass(frozen=True, slots=True)
class CommentMade:
    """Somebody commented on a pull request, maybe a command: ask GitHub for this node."""

    installation: int | None
    repository: str
    comment: str


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """Somebody pressed a button on a check of ours on the commit `oid`.

    GitHub keeps no record of it that could be asked for: `who` is whom its signed delivery names.
    `delivery` is the delivery's id, the same each time it is sent again.
    """

    installation: int | None
    repository: str
    oid: str
    button: str
    who: str
    delivery: str


Post: TypeAlias = ArtifactPosted | FreightAsked
Hint: TypeAlias = CommentMade | ButtonPressed
Told: TypeAlias = Post | ApplicationReported | Hint
"""What nobody else can be asked about: it is acted on with what it says."""
Event: TypeAlias = RepositoryChanged | ImagePushed | InstallationChanged | Told


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


@dataclass(frozen=True, slots=True)
class Answered:
    """The sender wants to see this object, to know that we are who it was told to send to."""

    answer: Mapping[str, str]


Reading: TypeAlias = Understood | Ignored | Unknown | Answered
