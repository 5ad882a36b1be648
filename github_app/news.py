"""The ledger after this round's picture: new freight, verifications, rejections, adoptions. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from github_app.adoption import adopted_freight
from github_app.ledger import Ledger, Note, StageNotes
from github_app.picture import (
    Closer,
    Discovered,
    LinePicture,
    ProjectPicture,
    PullRequest,
    PullState,
)
from github_app.verification import Proved, verdict
from plugin import promotion
from plugin.freight import FreightId
from plugin.pipeline import Stage


def brought_up_to_date(picture: ProjectPicture, now: datetime) -> Ledger:
    """The project's ledger with everything the picture shows written into it."""
    ledger = picture.ledger
    for discovery in picture.discoveries.values():
        match discovery:
            case Discovered(freight):
                ledger = ledger.with_newest(freight, now)
            case _:
                pass
    for stage in picture.project.stages:
        for line in stage.lines:
            seen = picture.lines.get((stage.name, line.warehouse))
            if seen is not None:
                ledger = _with_line(ledger, stage, seen, now)
    return ledger


def _with_line(ledger: Ledger, stage: Stage, line: LinePicture, now: datetime) -> Ledger:
    notes = ledger.notes(stage.name)
    after = _with_rejection(notes, line, now)
    after = _with_verification(after, stage, line, now)
    after = _with_adoption(after, ledger, line, now)
    return ledger if after == notes else ledger.with_notes(stage.name, after)


def _with_rejection(notes: StageNotes, line: LinePicture, now: datetime) -> StageNotes:
    """A person closed the promotion unmerged: its freight is rejected; reopening takes it back."""
    if line.open is not None:
        why = _closing(line.open)
        return replace(notes, rejected=tuple(one for one in notes.rejected if one.why != why))
    last = line.last
    if last is None or last.state is not PullState.CLOSED or last.closed_by is not Closer.PERSON:
        return notes
    if line.last_freight is None or any(one.why == _closing(last) for one in notes.rejected):
        return notes
    note = Note(line.last_freight, last.closed_at or now, last.closer, _closing(last))
    return replace(notes, rejected=(*notes.rejected, note))


def _closing(pull: PullRequest) -> str:
    return f"closed pull request #{pull.number}"


def _with_verification(
    notes: StageNotes, stage: Stage, line: LinePicture, now: datetime
) -> StageNotes:
    if not stage.verify or not isinstance(line.holding, promotion.Managed):
        return notes
    freight = line.holding.record.freight.id
    if _noted(notes.verified, freight):
        return notes
    match verdict(stage.verify, line.results, stage.name):
        case Proved(by):
            note = Note(freight, now, by, f"succeeded on {line.stays[-1].commit}")
            return replace(notes, verified=(*notes.verified, note))
        case _:
            return notes


def _with_adoption(
    notes: StageNotes, ledger: Ledger, line: LinePicture, now: datetime
) -> StageNotes:
    """Pins without a record that hold known freight count as holding it from now on."""
    if not isinstance(line.holding, promotion.Adopted):
        return notes
    freight = adopted_freight(line.holding, ledger.seen(line.warehouse))
    if freight is None or _noted(notes.adopted, freight.id):
        return notes
    note = Note(freight.id, now, "towline", "found in the pins, without a record")
    return replace(notes, adopted=(*notes.adopted, note))


def _noted(notes: tuple[Note, ...], freight: FreightId) -> bool:
    return any(one.freight == freight for one in notes)
