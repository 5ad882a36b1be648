"""What one line of a stage can be told to do, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from github_app.brought import Need
from github_app.notes import Asked
from github_app.rules.availability import Passed, Pending
from github_app.rules.steps import Course
from plugin import promotion
from plugin.freight import Freight, FreightId


@dataclass(frozen=True, slots=True)
class Promote:
    """Freight should move into the stage; `changes` are the files of its pull request.

    `asked` says who chose it, where it does not come by itself. Where it goes in steps, `freight`
    is the next one and `course` says what follows.
    """

    freight: Freight
    changes: promotion.Changes
    standing: Passed
    later: Pending | None = None
    asked: Asked | None = None
    course: Course | None = None


@dataclass(frozen=True, slots=True)
class UpToDate:
    """The stage holds the newest freight it may take."""

    freight: FreightId
    later: Pending | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing may move yet."""

    pending: Pending


@dataclass(frozen=True, slots=True)
class Held:
    """A person must decide before anything moves; `way_on` is what they may say to let it go on.

    Of an upstream's hold the reason alone is told: the way on is that stage's own.
    """

    reason: str
    way_on: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """The line cannot be worked on; each reason says where, what and what to do."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """Nothing can be said before these were read or rendered; then it is decided anew."""

    needs: tuple[Need, ...]


Decision: TypeAlias = Promote | UpToDate | Waiting | Held | Blocked | Unread
