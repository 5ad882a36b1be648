"""What people keep out of a stage, and whether that is also another freight. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from github_app.ledger import Seen
from github_app.notes import Note, StageNotes
from github_app.pulls import PullRequest
from github_app.rules.overview import UNKNOWN
from plugin.freight import FreightId

GATE = "rejection"
"""What an override names that takes a rejection back; the note of the rejection stays."""
_CLOSING = re.compile(r"closed pull request #\d+")


def rejects(
    note: Note, freight: FreightId, seen: Sequence[Seen], order: Callable[[FreightId], int]
) -> bool:
    """Rejected freight, and all that is older, waits for newer freight to come.

    Not if the rejected freight has become the newest once more since then. `order` is freight's
    place in `seen`, -1 if unknown.
    """
    place = order(note.freight)
    if place == UNKNOWN or seen[place].newest_at > note.at:
        return False
    return order(freight) <= place


def rejections(notes: StageNotes) -> tuple[Note, ...]:
    """The rejections that nobody took back."""
    return tuple(
        note
        for note in notes.rejected
        if not any(
            one.gate == GATE and one.freight == note.freight and one.at >= note.at
            for one in notes.overridden
        )
    )


def closing(pull: PullRequest) -> str:
    """Why freight counts as rejected whose pull request a person closed."""
    return f"closed pull request #{pull.number}"


def by_closing(note: Note) -> bool:
    """Whether the freight was rejected by closing its pull request, not in so many words."""
    return _CLOSING.fullmatch(note.why) is not None
