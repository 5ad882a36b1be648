"""From the changes of a line's record to the stays of freight in its stage. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from github_app.picture import Stay
from plugin.freight import FreightId


def stays_of(
    changes: Iterable[tuple[str, datetime, FreightId | None]],
) -> tuple[Stay, ...]:
    """The stays, oldest first, out of (commit, when, freight or None) of each change.

    A stay begins when freight enters and ends when other freight, or none, takes its place;
    a change that keeps the freight does not interrupt it, so soak time is continuous. A record
    that cannot be read counts as none.
    """
    stays: list[Stay] = []
    for commit, at, freight in changes:
        current = stays[-1] if stays and stays[-1].until is None else None
        if current is not None and current.freight == freight:
            continue
        if current is not None:
            stays[-1] = _ended(current, at)
        if freight is not None:
            stays.append(Stay(freight, at, commit))
    return tuple(stays)


def _ended(stay: Stay, at: datetime) -> Stay:
    # A clock that went back must not make a stay negative.
    return Stay(stay.freight, stay.since, stay.commit, max(at, stay.since))


def current(stays: Sequence[Stay]) -> Stay | None:
    """The stay that goes on now."""
    return stays[-1] if stays and stays[-1].until is None else None
