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

    `since` is when Towline first looked at it, `now` if it has not before, and `remembered` says
    from when a version counts that it has seen already: the first sight holds, whatever the version
    says of itself later. It goes no further than it is asked to; `looked_at` is what it saw, with
    the time each counts from, and `waiting` what it passed over.
    """

    min_age: timedelta
    since: datetime
    now: datetime
    remembered: Callable[[Candidate], datetime | None]
    looked_at: list[tuple[Candidate, datetime]] = field(default_factory=list)
    waiting: list[TooYoung] = field(default_factory=list)

    def among(self, offered: Iterable[Candidate]) -> Iterator[Candidate]:
        """Those that have been known for `min_age`, compared with >=."""
        for one in offered:
            known = self.remembered(one) or known_since(self.now, one.created, self.since)
            self.looked_at.append((one, known))
            ready = known + self.min_age
            if ready <= self.now:
                yield one
            else:
                self.waiting.append(TooYoung(one, known, ready))
