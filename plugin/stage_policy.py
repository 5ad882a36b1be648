"""What a stage declares beside its sources: how, when and by whom freight gets there."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta


class Write(enum.Enum):
    """What a promotion changes: the pins in the stage's files, or its record alone.

    A record alone is applied by the sidecar while it renders.
    """

    PINS = "pins"
    RECORD = "record"


class Guard(enum.Enum):
    """What the sidecar refuses about the disks of virtual machines, unless the stage allows it.

    A disk that two machines share, one that is referenced and gone, a name whose suffix is not its
    source's digest, and a previous disk that is no longer among the manifests.
    """

    SHARED = "shared"
    MISSING = "missing"
    MISMATCHED = "mismatched"
    PRUNED = "pruned"


class Opening(enum.Enum):
    """Whether a promotion pull request is opened by itself or only when somebody asks for it."""

    AUTO = "auto"
    MANUAL = "manual"


class Select(enum.Enum):
    """Which eligible freight is the candidate (Kargo's selectionPolicy).

    The newest, or what is in the one upstream now, which follows its rollbacks, too.
    """

    NEWEST = "newest"
    MATCH_UPSTREAM = "match-upstream"


class Draft(enum.Enum):
    """Whether pull requests are drafts: never, always, or while only time gates remain."""

    NO = "false"
    YES = "true"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Reviews:
    """How many approving reviews a promotion needs, and whose; `teams` as `team` or `org/team`."""

    count: int = 1
    teams: tuple[str, ...] = ()
    codeowners: bool = False


class WindowKind(enum.Enum):
    """Whether a window is a time in which promotion is allowed or one in which it is not."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Window:
    """A recurring time, `length` long from each occurrence of `rule`.

    `rule` is a recurrence of RFC 5545 without `RRULE:`, `zone` a name of the IANA database and
    `start` the first possible moment in that zone's local time, without a zone of its own.
    """

    kind: WindowKind
    rule: str
    length: timedelta
    zone: str
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """How the stages of one matrix follow each other.

    `together` asks for one pull request, `parallel` is how many stages may carry freight that is
    not verified there yet (None: all), `stop` says that one failure holds the others back.
    """

    together: bool = False
    parallel: int | None = None
    stop: bool = True


class At(enum.Enum):
    """Which commit a branch stage's sources are taken at: the freight's or the base's newest."""

    FREIGHT = "freight"
    TIP = "tip"
