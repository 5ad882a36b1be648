"""Whether what a stage holds came by taking a promotion back, rather than by a promotion. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from github_app.picture import LinePicture, Stay
from github_app.pulls import PullState
from github_app.rules.overview import UNKNOWN
from plugin import holding as holdings
from plugin.freight import FreightId

Order = Callable[[FreightId | None], int]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The freight that a person took out of a stage, and when."""

    freight: FreightId
    at: datetime


def taken_back(
    line: LinePicture, stays: Sequence[Stay], current: FreightId | None, order: Order
) -> TakenBack | None:
    """What was reverted in this line, if its last change was a revert.

    A revert takes pins and record back together. `stays` are the line's with those of adopted
    freight, which left no record; `order` is freight's place among the sets as they
    last became newest, -1 if unknown: then only the record can tell. No clocks are compared, for
    they differ.
    """
    if not line.stays:
        return None
    last = line.stays[-1]
    if last.until is not None:
        kept = UNKNOWN < order(last.freight) <= order(current)
        return None if kept else TakenBack(last.freight, last.until)
    before = next((one for one in reversed(line.stays) if one.freight != last.freight), None)
    if before is None or UNKNOWN < order(before.freight) <= order(last.freight):
        return None
    return (
        None if _is_promotion(line, stays, before, last) else TakenBack(before.freight, last.since)
    )


def _is_promotion(line: LinePicture, stays: Sequence[Stay], before: Stay, last: Stay) -> bool:
    """Whether older freight came by a promotion, made when it was the newest.

    Its record then names what it displaced, which the record that a revert brings back does not;
    unless this very step was made before, and the later one may be its return.
    """
    pulls = [one for one in (line.last, line.brought) if one is not None]
    if any(one.state is PullState.MERGED and one.merge_commit == last.commit for one in pulls):
        return True
    match line.holding:
        case holdings.Managed(record):
            displaced = record.previous == before.freight
        case _:
            displaced = False
    steps = [(one.freight, other.freight) for one, other in pairwise(stays)]
    return displaced and steps.count((before.freight, last.freight)) == 1
