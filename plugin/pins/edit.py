"""Text and artifacts to text: only the bytes of the pins change, and that is proven each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from plugin.artifact import Artifact
from plugin.pins.find import concerns, found_in, mentions
from plugin.pins.nodes import Event, Refused, Scalar, Tree
from plugin.pins.pin import (
    Bumped,
    Change,
    Entry,
    Missing,
    Pin,
    Present,
    Slot,
    UpToDate,
    Whole,
)
from plugin.pins.reading import literal
from plugin.pins.scalar import reads_as_text
from plugin.pins.tree import BOM, events_of, read


@dataclass(frozen=True, slots=True)
class _Splice:
    """`text` replaces [start, end); afterwards event `event` reads as `events` instead."""

    start: int
    end: int
    text: str
    event: int
    events: tuple[Event, ...]


def bump(file: str, text: str, artifacts: Sequence[Artifact]) -> Bumped | UpToDate | Refused:
    """`text` with every pin of the artifacts' repositories at their tag and digest.

    Everything else stays as it is to the byte. Nothing is changed when a place that may be a pin
    of one of them cannot be bumped safely.
    """
    wanted = {one.repository: one for one in artifacts}
    if not mentions(text, wanted):
        return UpToDate()
    tree = read(file, text)
    if isinstance(tree, Refused):
        return tree if any(concerns(tree, text, one) for one in wanted) else UpToDate()
    found = found_in(file, tree)
    for refused in found.refused:
        if any(concerns(refused, text, one) for one in wanted):
            return refused
    changes = tuple(
        Change(pin, wanted[pin.repository])
        for pin in found.pins
        if pin.repository in wanted and not _holds(pin, wanted[pin.repository])
    )
    return _applied(file, text, tree, changes) if changes else UpToDate()


def _holds(pin: Pin, artifact: Artifact) -> bool:
    apart = not (isinstance(pin.place, Entry) and "@" in pin.value)
    return apart and pin.tag == artifact.tag and pin.digest == artifact.digest


def _applied(file: str, text: str, tree: Tree, changes: tuple[Change, ...]) -> Bumped | Refused:
    if all(_literal(tree, change.pin) for change in changes):
        splices = sorted(
            (splice for change in changes for splice in _splices(tree, change)),
            key=lambda splice: (splice.start, splice.end),
        )
        new = _spliced(tree.text, splices)
        if _same_but_for(tree, splices, events_of(new)):
            return Bumped((BOM if text.startswith(BOM) else "") + new, changes)
    pin = changes[0].pin
    reason = "cannot be bumped without changing more than the version; write the entry plainly"
    return Refused(file, pin.line, pin.column, reason, pin.value)


def _literal(tree: Tree, pin: Pin) -> bool:
    """Whether each slice about to be replaced is exactly the scalar it is taken for."""
    match pin.place:
        case Whole(scalar):
            return literal(tree, scalar)
        case Entry(_, tag, digest):
            slots = (slot for slot in (tag, digest) if isinstance(slot, Present))
            return all(literal(tree, slot.scalar) for slot in slots)
        case _:
            assert_never(pin.place)


def _splices(tree: Tree, change: Change) -> Iterator[_Splice]:
    artifact = change.artifact
    match change.pin.place:
        case Whole(scalar, spelling):
            yield _replaced(tree, scalar, f"{spelling}:{artifact.tag}@{artifact.digest}")
        case Entry(_, tag, digest):
            yield _filled(tree, tag, artifact.tag)
            yield _filled(tree, digest, artifact.digest)
        case _:
            assert_never(change.pin.place)


def _filled(tree: Tree, slot: Slot, value: str) -> _Splice:
    match slot:
        case Present(scalar):
            return _replaced(tree, scalar, value)
        case Missing():
            return _created(slot, value)
        case _:
            assert_never(slot)


def _replaced(tree: Tree, scalar: Scalar, value: str) -> _Splice:
    """In the old quotes; quotes are added where some reader would see no text."""
    style = scalar.style or ("" if reads_as_text(value) else '"')
    text = f"{style}{value}{style}"
    if scalar.start == scalar.end and tree.text[scalar.start - 1 : scalar.start] == ":":
        text = f" {text}"
    _, anchor, tag, _, _ = tree.events[scalar.event]
    event = ("ScalarEvent", anchor, tag, value, style or None)
    return _Splice(scalar.start, scalar.end, text, scalar.event, (event,))


def _created(slot: Missing, value: str) -> _Splice:
    quotes = slot.key_style or ('"' if slot.quotes or not reads_as_text(value) else "")
    key = f"{slot.key_style}{slot.key}{slot.key_style}"
    text = f"{slot.before}{key}: {quotes}{value}{quotes}"
    events: tuple[Event, ...] = (
        ("ScalarEvent", None, None, slot.key, slot.key_style or None),
        ("ScalarEvent", None, None, value, quotes or None),
    )
    return _Splice(slot.at, slot.at, text, slot.after, events)


def _spliced(text: str, splices: Iterable[_Splice]) -> str:
    parts: list[str] = []
    position = 0
    for splice in splices:
        parts += (text[position : splice.start], splice.text)
        position = splice.end
    return "".join([*parts, text[position:]])


def _same_but_for(tree: Tree, splices: Iterable[_Splice], after: tuple[Event, ...] | None) -> bool:
    """Whether `after` reads as `tree` with the splices' events and nothing else.

    Comparing events is enough for every version of YAML: versions differ in what a plain scalar
    means, untouched scalars keep value and style, and the new ones read as text in all of them.
    """
    replaced: dict[int, tuple[Event, ...]] = {}
    added: dict[int, list[Event]] = {}
    for splice in splices:
        if len(splice.events) == 1:
            replaced[splice.event] = splice.events
        else:
            added.setdefault(splice.event, []).extend(splice.events)
    expected: list[Event] = []
    for number, event in enumerate(tree.events):
        expected += replaced.get(number, (event,))
        expected += added.get(number, ())
    return tuple(expected) == after
