"""From when a version may be taken: how long it must have been known; pure.

A cooling-off time is against what is pushed today and found to be bad tomorrow. Whoever pushes
says when an image was built, so that counts only for what was there before Towline first looked;
whatever appears later counts from when Towline saw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from github_app.warehouse.candidate import Candidate


def known_since(first_seen: datetime, created: datetime | None, since: datetime) -> datetime:
    """From when a version's age counts.

    `first_seen` is when Towline saw it first, `since` when it first looked at the subscription.
    Nothing was built after it was seen, whatever it says of itself.
    """
    if created is None or first_seen > since:
        return first_seen
    return min(created, first_seen)


@dataclass(frozen=True, slots=True)
class TooYoung:
    """A version that is passed over, since when it is known and when it may be taken."""

    candidate: Candidate
    known_since: datetime
    ready_at: datetime


@dataclass(slots=True)
class OldEnough:
    """The versions of one subscription that are old enough, best first as they were offered.

    It goes no further than it is asked to, and keeps in `waiting` what it passed over.
    `seen_at` says when Towline saw a version first: `now`, if it has not seen it before.

    What is taken instead of a young version may be older than what was taken once, when a
    constraint or a minimum age was tightened: whoever makes freight of it has to keep stages from
    going back.
    """

    min_age: timedelta
    since: datetime
    now: datetime
    seen_at: Callable[[Candidate], datetime]
    waiting: list[TooYoung] = field(default_factory=list)

    def among(self, offered: Iterable[Candidate]) -> Iterator[Candidate]:
        """Those that have been known for `min_age`, compared with >=."""
        for one in offered:
            known = known_since(self.seen_at(one), one.created, self.since)
            ready = known + self.min_age
            if ready <= self.now:
                yield one
            else:
                self.waiting.append(TooYoung(one, known, ready))
