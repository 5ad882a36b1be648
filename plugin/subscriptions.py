"""What a warehouse watches: one value for each kind of subscription, with its selection rule."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias, assert_never

from plugin.artifact import CustomName

if TYPE_CHECKING:
    from plugin.artifact import Artifact, ChartName, DiskFamily, GitRepository, Repository, Watched
    from plugin.artifact.disk import Publisher
    from plugin.artifact.platform import Platform
    from plugin.held import Held

NO_AGE = timedelta(0)
LIMIT = 20


class Selection(enum.Enum):
    """How a subscription orders the tags it may take (Kargo's image selection strategies)."""

    SEMVER = "semver"
    LEXICAL = "lexical"
    NEWEST_BUILD = "newest-build"
    DIGEST = "digest"


class GitSelection(enum.Enum):
    """How a subscription chooses a revision (Kargo's commit selection strategies)."""

    NEWEST_COMMIT = "newest-commit"
    NEWEST_TAG = "newest-tag"
    SEMVER = "semver"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class ImageSubscription:
    """One image repository a warehouse watches, with the rule that picks its tag.

    `min_age`, in every kind: how long a version must be known before it is taken.
    """

    name: str
    repository: Repository
    select: Selection = Selection.SEMVER
    constraint: str | None = None
    strict: bool = True
    allow: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    limit: int = LIMIT
    platform: Platform | None = None
    min_age: timedelta = NO_AGE


@dataclass(frozen=True, slots=True)
class DiskSubscription:
    """A disk image behind an address, whose publisher's own metadata tells the versions.

    `index` is the metadata's address where it is not the publisher's usual place.
    """

    name: str
    family: DiskFamily
    publisher: Publisher
    index: str | None = None
    constraint: str | None = None
    allow: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    limit: int = LIMIT
    min_age: timedelta = NO_AGE


@dataclass(frozen=True, slots=True)
class ChartSubscription:
    """A Helm chart of an HTTP repository or, with an `oci://` address, of a registry."""

    name: str
    chart: ChartName
    constraint: str | None = None
    limit: int = LIMIT
    min_age: timedelta = NO_AGE


@dataclass(frozen=True, slots=True)
class GitSubscription:
    """Commits or tags of a Git repository, which `address` is the way to.

    `branch` None is the default branch. `include` and `exclude` are paths, `glob:` or `regex:`
    patterns; `ignore_authors` and `ignore_subjects` patterns of commits that do not count.
    """

    name: str
    repository: GitRepository
    address: str
    select: GitSelection = GitSelection.NEWEST_COMMIT
    branch: str | None = None
    constraint: str | None = None
    strict: bool = True
    allow: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore_authors: tuple[str, ...] = ()
    ignore_subjects: tuple[str, ...] = ()
    limit: int = LIMIT
    min_age: timedelta = NO_AGE


@dataclass(frozen=True, slots=True)
class PathSubscription:
    """What the pins of a directory on the default branch say, whoever writes them.

    `path` is from the repository's root; `holds` is what was found there by whoever looked, and
    `problems` is why that cannot be freight.
    """

    name: str
    path: str
    holds: tuple[Artifact | Held, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageSubscription:
    """What a stage of another project in the repository holds, once it is verified there.

    `warehouse` is that project's; None means all that the stage takes. `holds` and `problems` are
    what was found there by whoever looked, as in PathSubscription.
    """

    name: str
    project: str
    stage: str
    warehouse: str | None = None
    holds: tuple[Artifact, ...] = ()
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.project}/{self.stage}"


@dataclass(frozen=True, slots=True)
class CustomSubscription:
    """Versions that CI posts; `senders` are the GitHub repositories whose jobs may."""

    name: str
    kind: str
    senders: tuple[str, ...] = ()
    min_age: timedelta = NO_AGE


Subscription: TypeAlias = (
    ImageSubscription
    | DiskSubscription
    | ChartSubscription
    | GitSubscription
    | PathSubscription
    | StageSubscription
    | CustomSubscription
)
# What these hold is taken as it is: nobody chooses a version, and none has an age.
TakenWhole: TypeAlias = PathSubscription | StageSubscription


def watched_by(subscription: Subscription) -> tuple[Watched, ...]:
    """What a subscription watches: one subject, but for a directory and another stage."""
    match subscription:
        case ImageSubscription(repository=subject):
            return (subject,)
        case DiskSubscription(family=subject):
            return (subject,)
        case ChartSubscription(chart=subject):
            return (subject,)
        case GitSubscription(repository=subject):
            return (subject,)
        case PathSubscription(holds=holds) | StageSubscription(holds=holds):
            return tuple(one.subject for one in holds)
        case CustomSubscription(name=name):
            return (CustomName(name),)
        case _:
            assert_never(subscription)


def apart(subscription: Subscription) -> Subscription:
    """The same with its name in its subject, for a warehouse with several to one subject."""
    match subscription:
        case ImageSubscription(name, repository):
            return replace(subscription, repository=replace(repository, subscription=name))
        case DiskSubscription(name, family):
            return replace(subscription, family=replace(family, subscription=name))
        case ChartSubscription(name, chart):
            return replace(subscription, chart=replace(chart, subscription=name))
        case GitSubscription(name, repository):
            return replace(subscription, repository=replace(repository, subscription=name))
        case PathSubscription() | StageSubscription() | CustomSubscription():
            return subscription
        case _:
            assert_never(subscription)


def criteria_name(name: str) -> str:
    """What a subscription is called in CEL, whose names have no `-` and begin with no digit.

    https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax, IDENT.
    """
    called = name.replace("-", "_")
    return f"_{called}" if called[:1].isdigit() else called


def overlap(one: str, other: str) -> bool:
    """Whether one directory is the other, or lies in it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
