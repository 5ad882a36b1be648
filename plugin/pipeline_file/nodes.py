"""What a YAML text holds, each value with its place: text as it was written, lists and maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from plugin.pipeline_file.mistakes import Position

MOST_VALUES = 50_000
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, exactly as written but for its quotes."""

    at: Position
    text: str
    quoted: bool

    @property
    def is_nothing(self) -> bool:
        """Whether the value was left out, or is YAML's null."""
        return not self.quoted and self.text in _NOTHING


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    at: Position
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a map with its value; `family` is the key as written if a matrix filled it."""

    key: Text
    value: Node
    family: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map in the order of the file; no key stands twice.

    `partial` says that an entry was refused, so that a missing key is no mistake of its own.
    """

    at: Position
    entries: tuple[Entry, ...]
    partial: bool = False

    def get(self, key: str) -> Entry | None:
        """The entry of `key`, if it is there."""
        return next((one for one in self.entries if one.key.text == key), None)


Node: TypeAlias = Text | Sequence | Mapping


def size(node: Node) -> int:
    """How many values `node` holds, itself included."""
    match node:
        case Text():
            return 1
        case Sequence():
            return 1 + sum(size(one) for one in node.items)
        case Mapping():
            return 1 + sum(1 + size(one.value) for one in node.entries)
