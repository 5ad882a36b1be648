"""A stage's notes as a file of the ledger, and back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeAlias

from github_app.ledger_times import time_of, time_text
from github_app.notes import (
    Allowed,
    Answered,
    AnyNote,
    Asked,
    LineNote,
    Note,
    Override,
    Reported,
    Reviewed,
    StageNotes,
    Way,
)
from plugin.freight import FreightId

Tree: TypeAlias = Mapping[str, Any]
FIRST_KINDS = frozenset({"verified", "approved", "rejected", "adopted", "held", "resumed"})
"""What the first format of these files knows."""
_KINDS: Mapping[str, type[AnyNote]] = {
    "verified": Note,
    "approved": Note,
    "rejected": Note,
    "adopted": Note,
    "held": LineNote,
    "resumed": LineNote,
    "asked": Asked,
    "overridden": Override,
    "allowed": Allowed,
    "reviewed": Reviewed,
    "answered": Answered,
    "reported": Reported,
    "failed": Note,
    "again": Note,
}
# Every other field is text.
_READERS: Mapping[str, Callable[[str], Any]] = {
    "freight": FreightId,
    "at": time_of,
    "way": Way,
}


def notes_tree(notes: StageNotes) -> dict[str, object]:
    """What the file says, without the kinds of which there are none."""
    tree = {kind: [_tree(one) for one in getattr(notes, kind)] for kind in _KINDS}
    return {kind: entries for kind, entries in tree.items() if entries}


def notes_of(tree: Tree) -> StageNotes:
    """The notes of a file; KeyError, TypeError and ValueError where it is broken."""
    return StageNotes(
        **{
            kind: tuple(_note(form, one) for one in tree.get(kind, ()))
            for kind, form in _KINDS.items()
        }
    )


def _tree(note: AnyNote) -> dict[str, str]:
    return {one.name: _text(one.name, getattr(note, one.name)) for one in fields(note)}


def _text(name: str, value: Any) -> str:
    match name:
        case "at":
            return time_text(value)
        case "way":
            return str(value.value)
        case _:
            return str(value)


def _note(form: type[AnyNote], entry: Tree) -> Any:
    read = {one.name: _READERS.get(one.name, str)(entry[one.name]) for one in fields(form)}
    return form(**read)
