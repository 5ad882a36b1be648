"""What a team declares: Project, Warehouse, Subscription and Stage as values; no strangers."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeAlias

from plugin.artifact import Subject, Watched
from plugin.stage_policy import At, Draft, Guard, Opening, Reviews, Rollout, Select, Window, Write
from plugin.subscriptions import Subscription, TakenWhole, watched_by
from plugin.verification import Verification


class Creation(enum.Enum):
    """Whether freight is made by itself or assembled by people (Kargo's freightCreationPolicy)."""

    AUTO = "auto"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A set of subscriptions whose newest artifacts are packed as one freight.

    `creation` says whether that happens by itself. `match_tags` asks for one version in all images
    and charts, `criteria` is an expression of CEL over the set; the newest set that satisfies both
    is taken. A set must have been the newest for as long as `settle` before it becomes freight.
    Subscriptions named in `order` go into a stage one after the other.
    """

    name: str
    subscriptions: tuple[Subscription, ...]
    creation: Creation = Creation.AUTO
    match_tags: bool = False
    criteria: str | None = None
    settle: timedelta = timedelta(0)
    order: tuple[str, ...] = ()

    @property
    def carries(self) -> tuple[Watched, ...]:
        """What the warehouse's freight carries, in the order of the file."""
        return tuple(dict.fromkeys(one for sub in self.subscriptions for one in watched_by(sub)))

    @property
    def subjects(self) -> Mapping[str, Subject]:
        """What marker comments may name: a subscription, alone or behind the warehouse's name."""
        named: dict[str, Subject] = {}
        for one in self.subscriptions:
            if not isinstance(one, TakenWhole):
                named[one.name] = watched_by(one)[0]
        return named | {f"{self.name}/{name}": subject for name, subject in named.items()}

    def subscription(self, name: str) -> Subscription | None:
        """The subscription called `name`, if there is one."""
        return next((one for one in self.subscriptions if one.name == name), None)


class Availability(enum.Enum):
    """Whether freight must have passed one of several upstreams or all of them."""

    ONE = "one"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A stage freight must have passed, and how long it must have stayed there."""

    stage: str
    soak: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Direct:
    """Freight comes straight from its warehouse."""


@dataclass(frozen=True, slots=True)
class After:
    """Freight comes from other stages."""

    upstreams: tuple[Upstream, ...]
    availability: Availability = Availability.ONE


Source: TypeAlias = Direct | After


@dataclass(frozen=True, slots=True)
class Line:
    """One warehouse's freight in one stage, where it may come from and which is the candidate."""

    warehouse: str
    source: Source
    select: Select = Select.NEWEST


class Merge(enum.Enum):
    """Who merges a stage's promotion pull requests."""

    AUTO = "auto"
    MANUAL = "manual"


class Supersede(enum.Enum):
    """When newer freight may displace what a stage holds."""

    LATEST = "latest"
    AFTER_SOAK = "after-soak"


class Mode(enum.Enum):
    """Whether Towline writes to the repository or only plans and reports."""

    LIVE = "live"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class InDirectory:
    """The stage is a directory of the default branch; `path` is relative to the repository."""

    path: str


@dataclass(frozen=True, slots=True)
class InBranch:
    """The stage is the root of a branch of its own.

    `sources` is the directory its files are made from, relative to the repository, if it has one.
    """

    branch: str
    sources: str | None = None


Place: TypeAlias = InDirectory | InBranch


@dataclass(frozen=True, slots=True)
class PullRequestForm:
    """How a stage's pull requests look: templates with `${project}`, `${stage}` and so on."""

    title: str | None = None
    labels: tuple[str, ...] = ()
    draft: Draft = Draft.NO
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplicitPin:
    """A place that a stage declares to be a pin of one of its subscriptions.

    `path` is read by `plugin.pins.paths`, `subscription` has its warehouse's name before it,
    `field` is a word of marker comments or None. `declared` names the pipeline file, `line` and
    `column` the place there.
    """

    file: str
    path: str
    subscription: str
    field: str | None
    declared: str
    line: int
    column: int

    def below(self, directory: str) -> ExplicitPin:
        """The same, with `file` from the root instead of from the stage's directory."""
        return replace(self, file=f"{directory}/{self.file}") if directory else self


@dataclass(frozen=True, slots=True)
class Stage:
    """A promotion target; without a place it is a control-flow stage that only joins others.

    `overrides` lets an Argo CD Application ask the sidecar for other artifacts than the record's;
    `disks_allow` are the guards over disks that the sidecar leaves out. `family` is the name as it
    is written for stages of a matrix (`prod-${region}`), else empty. `copies` are pairs of a path
    in a Git artifact and one in the stage, `repo` is another repository (`owner/name`). `may` has
    the project's entries, too, where the stage has none for the verb. `unprotected` lets Towline
    merge on a branch that nothing protects, `rollback` take a failed promotion back by itself.
    """

    name: str
    place: Place | None
    lines: tuple[Line, ...]
    merge: Merge = Merge.MANUAL
    verify: tuple[Verification, ...] = ()
    supersede: Supersede = Supersede.LATEST
    mode: Mode = Mode.LIVE
    pull_request: PullRequestForm = PullRequestForm()
    pins: tuple[ExplicitPin, ...] = ()
    disks_kept: int = 1
    write: Write = Write.PINS
    overrides: bool = False
    disks_allow: frozenset[Guard] = frozenset()
    opening: Opening = Opening.AUTO
    reviews: Reviews | None = None
    windows: tuple[Window, ...] = ()
    rollout: Rollout | None = None
    family: str = ""
    render: bool = False
    at: At = At.FREIGHT
    copies: tuple[tuple[str, str], ...] = ()
    group: bool = False
    repo: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    may: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    unprotected: bool = False
    rollback: bool = False

    def line(self, warehouse: str) -> Line | None:
        """The stage's line of `warehouse`, if it takes that freight."""
        return next((one for one in self.lines if one.warehouse == warehouse), None)


@dataclass(frozen=True, slots=True)
class Project:
    """One pipeline file: `file` is its path in the repository, `directory` the folder it rules.

    `stages` stand upstream before downstream, so that one pass over them sees causes first.
    """

    name: str
    file: str
    warehouses: tuple[Warehouse, ...]
    stages: tuple[Stage, ...]
    may: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    links: tuple[tuple[str, str], ...] = ()

    @property
    def directory(self) -> str:
        """The folder of the pipeline file, without a slash at its end; '' is the root."""
        return self.file.rpartition("/")[0]

    def warehouse(self, name: str) -> Warehouse:
        """The warehouse called `name`; the reader has made sure that it exists."""
        return next(one for one in self.warehouses if one.name == name)

    def stage(self, name: str) -> Stage:
        """The stage called `name`; the reader has made sure that it exists."""
        return next(one for one in self.stages if one.name == name)
