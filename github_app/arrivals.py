"""What came to a warehouse and is no freight yet: posted, too young, settling. Values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from plugin.artifact import Artifact, Watched
from plugin.freight import Freight

MOST_SEEN_FIRST = 200
"""How many versions of a subject are remembered until they are freight."""
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
    """A version that is no freight yet, and from when its age counts."""

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
    """A warehouse's arrivals; `since` says when what has an age to reach was first asked for.

    By the subject's own name, so that a subscription may be called otherwise.
    """

    since: Mapping[str, datetime] = field(default_factory=dict)
    first_seen: tuple[FirstSeen, ...] = ()
    posted: tuple[Posted, ...] = ()
    settling: Settling | None = None

    def seen_at(self, artifact: Artifact) -> datetime | None:
        """From when the artifact's age counts, if that is remembered."""
        wanted = _itself(artifact)
        return next((one.at for one in self.first_seen if _itself(one.artifact) == wanted), None)

    def with_looked_at(self, looked_at: Iterable[FirstSeen]) -> Arrivals:
        """These with versions that were looked at; what is known keeps its time."""
        new = [one for one in looked_at if self.seen_at(one.artifact) is None]
        count: Counter[Watched] = Counter()
        kept: list[FirstSeen] = []
        for one in reversed((*self.first_seen, *new)):
            count[one.artifact.subject.plain] += 1
            if count[one.artifact.subject.plain] <= MOST_SEEN_FIRST:
                kept.append(one)
        return replace(self, first_seen=tuple(reversed(kept)))

    def with_posted(self, post: Posted) -> Arrivals:
        """These with a posted version, the newest of its name.

        One that is known keeps its place: whoever captured a post cannot go back by sending it
        again.
        """
        mine = [one for one in self.posted if one.name == post.name]
        if any(one.version == post.version for one in mine):
            return self
        others = (one for one in self.posted if one.name != post.name)
        kept = replace(post, metadata=bounded(post.metadata))
        return replace(self, posted=(*others, *mine[-MOST_POSTED + 1 :], kept))


def _itself(artifact: Artifact) -> tuple[Watched, str, str | None]:
    """The artifact, by whatever subscription it came."""
    return artifact.subject.plain, artifact.tag, artifact.content


NO_ARRIVALS = Arrivals()
