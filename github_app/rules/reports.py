"""What Argo CD told, as a stage's notes keep it: only what is new. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from github_app.notes import Reported, StageNotes


def with_reports(notes: StageNotes, told: Sequence[Reported]) -> StageNotes:
    """The notes with what was told of Applications; of each only the newest is of use."""
    for one in told:
        last = next((had for had in notes.reported if had.application == one.application), None)
        if last is not None and (_same(last, one) or last.at > one.at):
            continue
        others = (had for had in notes.reported if had.application != one.application)
        notes = replace(notes, reported=(*others, one))
    return notes


def _same(one: Reported, other: Reported) -> bool:
    return (one.revision, one.state) == (other.revision, other.state)
