"""What somebody asked for or held on a line, as far as it still counts. Pure.

A hold stops what comes by itself; what somebody asked for since then goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from github_app.notes import Asked, LineNote, Override, StageNotes
from github_app.picture import Stay
from github_app.rules.rejections import rejections
from plugin.disks.policy import Consent
from plugin.freight import Freight, FreightId

UPSTREAM = "upstream"
"""The gate of what freight must have passed before it comes."""
_TICK = timedelta(seconds=1)


def active_ask(
    notes: StageNotes, warehouse: str, stays: Sequence[Stay], current: FreightId | None
) -> Asked | None:
    """What was asked for last on the line, unless that is over.

    It is over once the stage held the freight, somebody closed its pull request or rejected it, or
    gave the line back to itself with `resume`.
    """
    last = next((one for one in reversed(notes.asked) if one.warehouse == warehouse), None)
    if last is None or last.freight == current:
        return None
    came = any(one.freight == last.freight and one.since >= last.at for one in stays)
    refused = any(one.freight == last.freight and one.at >= last.at for one in rejections(notes))
    left = any(one.at > last.at for one in _of(notes.resumed, warehouse))
    return None if came or refused or left else last


def standing_hold(notes: StageNotes, warehouse: str, asked: Asked | None = None) -> LineNote | None:
    """The hold that nobody lifted; what was `asked` for since then is not held by it."""
    for note in _of(notes.held, warehouse):
        over = asked is not None and asked.at >= note.at
        if not over and not resumed_since(notes, warehouse, note.at):
            return note
    return None


def resumed_since(notes: StageNotes, warehouse: str, moment: datetime) -> bool:
    """Whether somebody lifted what stopped the line at that moment."""
    return any(one.at >= moment for one in _of(notes.resumed, warehouse))


def overridden(notes: StageNotes, gate: str, freight: FreightId) -> Override | None:
    """The last word that lets freight pass a gate of the stage."""
    found = (one for one in notes.overridden if (one.gate, one.freight) == (gate, freight))
    return next(iter(sorted(found, key=lambda one: one.at, reverse=True)), None)


def consents_to(freight: Freight, notes: StageNotes) -> frozenset[Consent]:
    """The disks that people gave up for the versions that this freight has, and no others."""
    given = [one for one in notes.allowed if one.freight == freight.aim]
    versions = [str(one.digest) for one in freight.artifacts if one.digest]
    return frozenset(
        Consent(name, one.disk, version, namespace)
        for one in given
        for version in versions
        for namespace, _, name in (one.vm.rpartition("/"),)
    )


def with_asked(notes: StageNotes, asked: Asked) -> StageNotes:
    """The notes after somebody chose freight."""
    return replace(notes, asked=(*notes.asked, asked))


def with_hold(notes: StageNotes, hold: LineNote) -> StageNotes:
    """The notes after the line was held; what lifted an earlier hold does not lift this one."""
    lifted = max((one.at for one in _of(notes.resumed, hold.warehouse)), default=None)
    if lifted is not None and lifted >= hold.at:
        hold = replace(hold, at=lifted + _TICK)
    return replace(notes, held=(*notes.held, hold))


def with_resumed(notes: StageNotes, note: LineNote) -> StageNotes:
    """The notes after the line goes on by itself again."""
    held = max((one.at for one in _of(notes.held, note.warehouse)), default=note.at)
    return replace(notes, resumed=(*notes.resumed, replace(note, at=max(note.at, held))))


def _of(notes: Iterable[LineNote], warehouse: str) -> tuple[LineNote, ...]:
    return tuple(one for one in notes if one.warehouse == warehouse)
