"""What people did at a stage that stops its line until somebody decides. Pure."""

from __future__ import annotations

from github_app.commands.verbs import WORD
from github_app.ledger_times import time_text
from github_app.notes import Asked, LineNote, StageNotes
from github_app.picture import LinePicture
from github_app.rules.asking import resumed_since
from github_app.rules.decision import Held
from github_app.rules.reverts import TakenBack
from plugin.freight import FreightId, alias_of
from plugin.record import Record

_RESUME = f"{WORD} resume"


def held(note: LineNote) -> Held:
    """A line that somebody holds."""
    reason = f"held by {note.who} at {time_text(note.at)}: {note.why}"
    return Held(reason, f"to go on, '{_RESUME}'")


def unmanaged(picture: LinePicture, record: Record | None, details: tuple[str, ...]) -> Held:
    """A line whose pins somebody changed by hand."""
    who = f", last changed by {picture.changed_by}" if picture.changed_by else ""
    mend = "put the pins back to what the record says" if record else "make these pins agree"
    return Held(
        f"unmanaged change in {picture.stage}{who}: {'; '.join(details)}. "
        f"To go on, {mend}, or revert that change" + (f"; '{_RESUME}' adopts it" if record else "")
    )


def reverted(
    picture: LinePicture,
    taken: TakenBack | None,
    notes: StageNotes,
    asked: Asked | None,
    current: FreightId | None,
) -> Held | None:
    """A line whose last promotion was taken back, unless somebody spoke since then."""
    if taken is None or resumed_since(notes, picture.warehouse, taken.at):
        return None
    if asked is not None and asked.at >= taken.at:
        return None
    to = alias_of(current) if current else "what it held before"
    return Held(
        f"{picture.stage} was taken back from {alias_of(taken.freight)} to {to} at "
        f"{time_text(taken.at)}. To go on, revert that change, or '{_RESUME}'"
    )


def changed_since(picture: LinePicture, notes: StageNotes) -> Held | None:
    """A line whose files somebody took out again after they were merged: they are theirs now."""
    last = picture.last
    if last is None:
        return None
    if resumed_since(notes, picture.warehouse, last.closed_at or last.created_at):
        return None
    return Held(
        f"files that #{last.number} brought to {picture.stage} were changed there since. To "
        f"go on, take that change back, change their sources, or '{_RESUME}'"
    )
