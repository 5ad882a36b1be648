"""When freight was in a stage: from the changes of its record, and from adopted pins. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from github_app.notes import Note
from github_app.picture import Stay
from plugin.freight import FreightId


def stays_of(
    changes: Iterable[tuple[str, datetime, FreightId | None]],
    steps: Mapping[FreightId, FreightId] | None = None,
) -> tuple[Stay, ...]:
    """The stays, oldest first, out of (commit, when, freight or None) of each change.

    `steps` says of freight that is a step what it leads to.

    A stay begins when freight enters and ends when other freight, or none, takes its place;
    a change that keeps the freight does not interrupt it, so soak time is continuous. A record
    that cannot be read counts as none.
    """
    stays: list[Stay] = []
    for commit, at, freight in changes:
        now = current(stays)
        if now is not None and now.freight == freight:
            continue
        if now is not None:
            stays[-1] = _ended(now, at)
        if freight is not None:
            stays.append(Stay(freight, at, commit, towards=(steps or {}).get(freight)))
    return tuple(stays)


def with_adopted(
    stays: Sequence[Stay], adopted: Iterable[Note], held: FreightId | None
) -> tuple[Stay, ...]:
    """The stays of the record and those of freight found in the pins without one.

    Adopted freight stays until the next is adopted or a record appears. The last of it goes on
    if it is what the pins hold; else nobody knows when it left, and it counts for no time.
    """
    notes = sorted(adopted, key=lambda one: one.at)
    begins = sorted([one.at for one in notes] + [one.since for one in stays])
    found = list(stays)
    for note in notes:
        until = next((at for at in begins if at > note.at), None)
        if until is None and note.freight != held:
            until = note.at
        found.append(Stay(note.freight, note.at, "", until))
    return tuple(sorted(found, key=lambda one: one.since))


def _ended(stay: Stay, at: datetime) -> Stay:
    # A clock that went back must not make a stay negative.
    return replace(stay, until=max(at, stay.since))


def current(stays: Sequence[Stay]) -> Stay | None:
    """The stay that goes on now."""
    return stays[-1] if stays and stays[-1].until is None else None
