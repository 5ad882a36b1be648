"""What came to a warehouse and is no freight yet: posted, too young, settling. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from plugin.artifact import Artifact
from plugin.freight import Freight

MOST_POSTED = 100
"""How many versions of each custom artifact are remembered."""
Facts: TypeAlias = tuple[tuple[str, str], ...]
"""What a source said of an artifact, name to text."""
_MOST_FACTS = 1500


def bounded(facts: Facts) -> Facts:
    """The facts that fit, in their order: publishers say what they like, a ledger is small."""
    kept: list[tuple[str, str]] = []
    room = _MOST_FACTS
    for name, text in facts:
        weight = len(f"{name}{text}".encode())
        if weight <= room:
            kept.append((name, text))
            room -= weight
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """A version that is too young to be taken, and when it was seen first."""

    artifact: Artifact
    at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """A version of a custom artifact, by the name of its subscription: when, and by whom."""

    name: str
    version: str
    metadata: Facts
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Settling:
    """A set that is the newest `since` then; the first of the sets that it follows `began`."""

    freight: Freight
    since: datetime
    began: datetime


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A warehouse's arrivals; `since` says when each subscription with an age was first asked."""

    since: Mapping[str, datetime] = field(default_factory=dict)
    first_seen: tuple[FirstSeen, ...] = ()
    posted: tuple[Posted, ...] = ()
    settling: Settling | None = None

    def seen_at(self, artifact: Artifact) -> datetime | None:
        """When the artifact was seen first, if that is remembered."""
        return next((one.at for one in self.first_seen if one.artifact == artifact), None)

    def with_posted(self, post: Posted) -> Arrivals:
        """These with a posted version, the newest of its name.

        One that is known keeps its place: whoever captured a post cannot go back by sending it
        again.
        """
        mine = [one for one in self.posted if one.name == post.name]
        if any(one.version == post.version for one in mine):
            return self
        others = (one for one in self.posted if one.name != post.name)
        return replace(self, posted=(*others, *mine[-MOST_POSTED + 1 :], post))


NO_ARRIVALS = Arrivals()
