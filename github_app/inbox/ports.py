"""What an inbox is, whatever it is kept in.

A row is one delivery's wish to have one key looked at. Rows of a key are worked off together, one
unit of work at a time: `pending -> leased -> done | coalesced`, back to `pending` when it must be
tried again, `dead` when it was tried too often.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from github_app.events import Event
from plugin.errors import Refusal

SWEEP, WAKE, TOLD = "sweep", "wake", "told"
OWN = frozenset({SWEEP, WAKE, TOLD})
"""The sources of what the worker puts down for itself."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that arrived and asks to look somewhere; `guid` is the sender's id for it."""

    source: str
    guid: str
    kind: str
    received_at: datetime
    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        if not self.source or not self.guid or not self.events:
            raise Refusal("a delivery needs a source, an id and at least one event")
        if self.received_at.tzinfo is None:
            raise Refusal("a delivery's time needs a time zone")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The delivery is durable and will be acted on."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The delivery was accepted before; nothing changed."""


@dataclass(frozen=True, slots=True)
class StoreFull:
    """The delivery could not be made durable; the sender must try again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Crowded:
    """The delivery's source has all the room that one source may have; others have not."""

    reason: str


Answer: TypeAlias = Accepted | Duplicate | StoreFull | Crowded


@dataclass(frozen=True, slots=True)
class Claim:
    """One key, and what waited longest for it: a unit of work, ours until the lease ends.

    `events` are the distinct ones, oldest first; `deliveries` counts the rows behind them, the
    oldest of which is `delivery`, received at `since`. `attempts` counts this one. `token` rises
    with every claim, so that whoever lost the lease cannot finish somebody else's.
    """

    key: str
    token: int
    events: tuple[Event, ...]
    delivery: str
    deliveries: int
    attempts: int
    since: datetime


class State(enum.Enum):
    """How far a row has come."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    COALESCED = "coalesced"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a person is shown it; `token` joins the rows that were one unit of work."""

    source: str
    guid: str
    kind: str
    key: str
    state: State
    received_at: datetime
    attempts: int
    token: int | None
    not_before: datetime | None
    error: str
    events: tuple[Event, ...]


class Inbox(Protocol):
    """Where deliveries wait. Every verb but `accept` raises Temporary when the store is busy."""

    def accept(self, delivery: Delivery) -> Answer:
        """Make a delivery durable, then answer; one whose rows are dead is put back to work."""

    def claim(self, now: datetime) -> Claim | None:
        """The key that waited longest, with its oldest rows; None if nothing is ready."""

    def finish(self, claim: Claim) -> bool:
        """Mark the work as done; False if the lease was lost meanwhile."""

    def retry(self, claim: Claim, at: datetime, reason: str) -> bool:
        """Give the work back until `at`; rows tried too often die. False if the lease was lost."""

    def dead_letters(self, limit: int) -> tuple[Row, ...]:
        """The newest rows nobody will try again unless asked to."""

    def replay(self, guid: str) -> int:
        """Put a delivery's finished or dead rows back to work, and count them; raises Refusal."""

    def listing(self, state: State | None, limit: int) -> tuple[Row, ...]:
        """The newest rows, or the newest in one state."""

    def found(self, guid: str) -> tuple[Row, ...]:
        """The rows of one delivery."""

    def purge(self, before: datetime) -> int:
        """Forget finished and dead rows received before then, and count them."""

    def wake_at(self) -> datetime | None:
        """When the next claim can give something: in the past if at once, None if never."""

    def counts(self) -> Mapping[State, int]:
        """How many rows are in each state."""

    def writable(self) -> bool:
        """Whether a delivery could be made durable now."""
