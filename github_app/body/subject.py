"""What a promotion pull request is about. Values only."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from github_app.body.origins import Origin
from github_app.difference.values import Counts
from github_app.gates import Gate
from github_app.source_commits.values import SourceCommits
from plugin.artifact import Watched
from plugin.disks.move import Replaced
from plugin.disks.restarts import Restarting
from plugin.freight import Freight
from plugin.held import Held
from plugin.pins.pin import Change
from plugin.pipeline import Line, Project, Stage


class Stand(enum.Enum):
    """How a stage stands to the freight of a promotion."""

    HOLDS = "holds it"
    SOAKS = "soaks"
    WAITS = "waits"
    PASSED = "passed"
    HELD = "on hold"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Position:
    """The freight's position in one stage, and until when where time alone decides."""

    stand: Stand
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Where a promotion stands on the way of `whole` into the stage: step `number` of `count`.

    `names` are the subscriptions that change, `following` what the steps after it change.
    """

    whole: Freight
    number: int
    count: int
    names: tuple[str, ...]
    following: tuple[str, ...]

    def __str__(self) -> str:
        return f"step {self.number} of {self.count}: {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a promotion pull request is about.

    `before` is what the stage's pins say now; `stages` are those to draw, `held` what each of
    them holds of this line, in a few words, and `positions` how it stands to this freight; `why`
    says what caused the promotion. `undrawn` counts the stages that are too many for a picture.
    `origins` say where the freight's artifacts come from, `old_origins` those that they replace,
    and `commits` what lies between. `counts` is None where nothing was rendered. `superseded` is
    earlier freight that waited for this stage, the newest first. With `steps` the `freight` is a
    part of the way only. `asked`: somebody chose it, so that nothing newer takes its place.
    `others` are the other lines of a group; the files, disks and gates of all of them are this
    one's.
    """

    project: Project
    stage: Stage
    line: Line
    freight: Freight
    before: Mapping[Watched, Held]
    bumps: tuple[Change, ...]
    disks: tuple[Replaced, ...]
    restarts: tuple[Restarting, ...]
    gates: tuple[Gate, ...]
    warnings: tuple[str, ...]
    stages: tuple[Stage, ...]
    held: Mapping[str, str]
    why: str
    positions: Mapping[str, Position] = field(default_factory=dict)
    undrawn: int = 0
    origins: Mapping[Watched, Origin] = field(default_factory=dict)
    old_origins: Mapping[Watched, Origin] = field(default_factory=dict)
    commits: Mapping[Watched, SourceCommits] = field(default_factory=dict)
    counts: Counts | None = None
    superseded: tuple[Freight, ...] = ()
    steps: Steps | None = None
    asked: bool = False
    others: tuple[Subject, ...] = ()

    @property
    def whole(self) -> Freight:
        """The freight of the warehouse that this is about, of which it may bring a part."""
        return self.steps.whole if self.steps else self.freight

    @property
    def lines(self) -> tuple[Subject, ...]:
        """What it is about, line by line; several where the lines of a stage are one group."""
        return (self, *self.others)


def words_of(subject: Subject) -> Mapping[str, str]:
    """What templates of the pipeline file may name, each as it is."""
    return {
        "project": subject.project.name,
        "stage": subject.stage.name,
        "warehouse": subject.line.warehouse,
        "freight": subject.whole.alias,
        "id": subject.whole.short,
        "version": subject.whole.tags(),
    }
