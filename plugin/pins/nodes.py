"""The values a YAML text is read into: nodes with their places, trees, and refusals."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from plugin.artifact import Subject


# Nodes are named tuples: a file may hold a hundred thousand and frozen dataclasses cost thrice.
class Scalar(NamedTuple):
    """A scalar: the number of its event, its slice of the text, place from 1, value, style."""

    event: int
    start: int
    end: int
    line: int
    column: int
    value: str
    style: str
    anchor: str | None


class Alias(NamedTuple):
    """`*name`, and the node its anchor names at that place."""

    line: int
    column: int
    name: str
    target: Node


class Sequence(NamedTuple):
    """Items in order."""

    start: int
    line: int
    column: int
    items: tuple[Node, ...]


class Mapping(NamedTuple):
    """Pairs in order; no scalar key stands twice."""

    start: int
    end: int
    line: int
    column: int
    flow: bool
    pairs: tuple[tuple[Node, Node], ...]

    def get(self, key: str) -> Node | None:
        """The value of the scalar key `key`; merge keys are not followed."""
        # Asked a hundred times for each file: a loop costs a third of two generators.
        for name, value in self.pairs:
            if type(name) is Scalar and name.value == key:
                return value
        return None

    def named(self) -> list[tuple[Scalar, Node]]:
        """The pairs whose key is a scalar."""
        return [(key, value) for key, value in self.pairs if type(key) is Scalar]


Node: TypeAlias = Scalar | Alias | Sequence | Mapping
Event: TypeAlias = tuple[str, str | None, str | None, str, Any]


@dataclass(frozen=True, slots=True)
class Tree:
    """The documents of a text without byte order mark, and its events for comparison.

    `aliases` holds each anchor that something refers to, with the keys that do ('' in a list).
    """

    text: str
    documents: tuple[Node, ...]
    events: tuple[Event, ...]
    aliases: Table[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be read or changed safely: where, and why.

    `text` is what stands there, empty when the reason concerns the whole file. `subject` is what
    it would be a version of, where that is known.
    """

    file: str
    line: int
    column: int
    reason: str
    text: str = ""
    subject: Subject | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"
