"""What was noted about a stage: verifications, approvals, holds, and what people commanded."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeAlias, TypeVar

from plugin.freight import FreightId

MOST_NOTES = 100
NOTES_OF_A_LINE = 20
"""How many notes of one kind a stage keeps: a hundred, more where it has more than a few lines."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened to freight in a stage: when, by whom, why."""

    freight: FreightId
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class LineNote:
    """One thing that happened to a stage's line: when, by whom, why."""

    warehouse: str
    at: datetime
    who: str
    why: str


class Way(enum.Enum):
    """How freight was asked for: in its turn or out of it, back to it, or past the upstreams."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    HOTFIX = "hotfix"


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody chose freight for a stage's line."""

    warehouse: str
    freight: FreightId
    at: datetime
    who: str
    why: str
    way: Way


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody lets freight pass a gate of the stage that is not open."""

    gate: str
    freight: FreightId
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """Somebody gave up what is on a machine's disk, for the one version that freight has."""

    vm: str
    disk: str
    freight: FreightId
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review was given to this freight with this result; `review` is its node id."""

    freight: FreightId
    content: str
    review: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A command that was acted on: the node id of its comment or button press, and the reply."""

    comment: str
    at: datetime
    who: str
    verb: str
    said: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What Argo CD said of an application at a revision."""

    application: str
    revision: str
    state: str
    at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class StageNotes:
    """Everything the ledger knows about one stage, each tuple in order of time.

    `failed` is freight that did not pass verification, `again` freight whose verification somebody
    asked to be made anew.
    """

    verified: tuple[Note, ...] = ()
    approved: tuple[Note, ...] = ()
    rejected: tuple[Note, ...] = ()
    adopted: tuple[Note, ...] = ()
    held: tuple[LineNote, ...] = ()
    resumed: tuple[LineNote, ...] = ()
    asked: tuple[Asked, ...] = ()
    overridden: tuple[Override, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    reviewed: tuple[Reviewed, ...] = ()
    answered: tuple[Answered, ...] = ()
    reported: tuple[Reported, ...] = ()
    failed: tuple[Note, ...] = ()
    again: tuple[Note, ...] = ()


NOTHING = StageNotes()


AnyNote: TypeAlias = Note | LineNote | Asked | Override | Allowed | Reviewed | Answered | Reported


Noted = TypeVar("Noted", bound=AnyNote)


def bounded_notes(notes: StageNotes, lines: int) -> StageNotes:
    """The notes of a stage with so many lines, without those of long ago."""
    most = max(MOST_NOTES, NOTES_OF_A_LINE * lines)
    kinds = [one.name for one in fields(StageNotes)]
    return StageNotes(**{kind: _last(getattr(notes, kind), most) for kind in kinds})


def _last(notes: tuple[Noted, ...], most: int) -> tuple[Noted, ...]:
    """The newest `most`, and the last about each warehouse: a hold stands until it is lifted."""
    newer = notes[-most:]
    about = {_warehouse(one) for one in newer} | {None}
    kept: list[Noted] = []
    for one in reversed(notes[: -len(newer)] if newer else ()):
        if _warehouse(one) not in about:
            about.add(_warehouse(one))
            kept.append(one)
    return (*reversed(kept), *newer)


def _warehouse(note: AnyNote) -> str | None:
    return note.warehouse if isinstance(note, LineNote | Asked) else None
