"""Replace slices of a YAML text, and prove that nothing but what they stand for has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plugin.pins.events import events_of
from plugin.pins.nodes import Event, Tree


@dataclass(frozen=True, slots=True)
class Splice:
    """`text` replaces [start, end); the events [first, beyond) read as `events` afterwards.

    Empty ranges insert. Those of several splices may touch and must not overlap.
    """

    start: int
    end: int
    text: str
    first: int
    beyond: int
    events: tuple[Event, ...]


def spliced(tree: Tree, splices: Iterable[Splice]) -> str | None:
    """The new text of `tree`, without byte order mark; None when more would change than is meant.

    Comparing events is enough for every version of YAML: versions differ in what a plain scalar
    means, untouched scalars keep value and style, and the new ones read as text in all of them.
    """
    ordered = sorted(splices, key=lambda one: (one.start, one.end))
    new = _text(tree.text, ordered)
    return new if events_of(new) == _expected(tree, ordered) else None


def _text(text: str, splices: Sequence[Splice]) -> str:
    parts: list[str] = []
    position = 0
    for splice in splices:
        parts += (text[position : splice.start], splice.text)
        position = splice.end
    return "".join([*parts, text[position:]])


def _expected(tree: Tree, splices: Sequence[Splice]) -> tuple[Event, ...]:
    expected: list[Event] = []
    position = 0
    for splice in splices:
        expected += tree.events[position : splice.first]
        expected += splice.events
        position = splice.beyond
    return (*expected, *tree.events[position:])
