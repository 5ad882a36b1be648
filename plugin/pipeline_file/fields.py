"""Located values -> Python values, with a mistake in the project's words for everything else.

A `Reader` takes a node and the mistakes so far; it answers None exactly when it added a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from plugin.pipeline_file import not_yet
from plugin.pipeline_file.mistakes import Mistakes, Position, shown, similar
from plugin.pipeline_file.nodes import Mapping, Node, Sequence, Text

T = TypeVar("T")
_PLAIN_ITEM = re.compile(r"[\w^./$(][\w^./~$()+*|\\ -]*")
Reader: TypeAlias = Callable[[Node, Mistakes], T | None]


@dataclass(frozen=True, slots=True)
class Fields:
    """A map read key by key; `kind` is what it describes, as in 'a stage', `known` its keys.

    `withheld` are the known keys that nobody carries out yet, each with the reason to say so.
    """

    node: Mapping
    kind: str
    mistakes: Mistakes
    known: frozenset[str] = frozenset()
    withheld: Table[str, str] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        """Whether `key` is written, with whatever value."""
        return self.node.get(key) is not None

    @property
    def written(self) -> list[str]:
        """The keys that are there, known or not."""
        return [one.key.text for one in self.node.entries]

    def lacks(self, *keys: str) -> bool:
        """Whether none of `keys` is written, nor anything that may be meant for one."""
        if self.node.partial or any(self.has(key) for key in keys):
            return False
        unknown = (one for one in self.written if one not in self.known)
        return not any(similar(one, self.known) in keys for one in unknown)

    def at(self, key: str) -> Position:
        """Where `key` stands, or the map if it is missing."""
        entry = self.node.get(key)
        return entry.key.at if entry else self.node.at

    def read(self, key: str, reader: Reader[T]) -> T | None:
        """The value of `key`, None if it is missing or wrong; refused if it is sound too soon."""
        entry = self.node.get(key)
        if entry is None:
            return None
        before = len(self.mistakes)
        value = reader(entry.value, self.mistakes)
        if key in self.withheld and len(self.mistakes) == before:
            not_yet.refuse(key, entry.key.at, self.withheld[key], self.mistakes)
        return value

    def read_or(self, key: str, reader: Reader[T], default: T) -> T:
        """The value of `key`, `default` if it is missing or wrong."""
        value = self.read(key, reader)
        return default if value is None else value

    def required(self, key: str, reader: Reader[T], example: str) -> T | None:
        """The value of `key`, with a mistake if it is missing."""
        if self.lacks(key):
            self.mistakes.add(self.node.at, f"{self.kind} needs '{key}'", f"write {example}")
        return self.read(key, reader)

    def refuse_unknown(self, offered: Iterable[str], elsewhere: dict[str, str]) -> None:
        """Adds a mistake for each unknown key.

        `offered` are the keys to name instead, `elsewhere` says what to do with other known ones.
        """
        for entry in self.node.entries:
            key = entry.key.text
            if key not in self.known:
                self.mistakes.add(
                    entry.key.at,
                    f"unknown key {shown(key)} in {self.kind}",
                    self._instead_of(key, offered, elsewhere),
                )

    def _instead_of(self, key: str, offered: Iterable[str], elsewhere: dict[str, str]) -> str:
        if key in elsewhere:
            return elsewhere[key]
        if meant := similar(key, self.known):
            return f"did you mean '{meant}'?"
        return f"remove it, or use one of: {', '.join(sorted(offered))}"


def found(node: Node) -> str:
    """What `node` is, for sentences that expected something else."""
    match node:
        case Text(is_nothing=True):
            return "nothing"
        case Text():
            return f"text {shown(node.text)}"
        case Sequence():
            return "a list"
        case Mapping():
            return "a map"


def wrong(node: Node, mistakes: Mistakes, expected: str, instead: str) -> None:
    """Adds the mistake that `node` is not what was expected."""
    mistakes.add(node.at, f"expected {expected}, found {found(node)}", instead)


def _in_a_list(value: str) -> str:
    """`value` as an item between brackets, in quotes where YAML would read more into it."""
    visible = shown(value)[1:-1]
    if _PLAIN_ITEM.fullmatch(visible):
        return visible
    return "'" + visible.replace("'", "''") + "'"


def listed(of: str, example: str, reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """Reads a list, not empty, of what `reader` reads; None if any item is wrong."""

    def read(node: Node, mistakes: Mistakes) -> tuple[T, ...] | None:
        if not isinstance(node, Sequence) or not node.items:
            what = f"a list of {of}"
            if isinstance(node, Sequence):
                mistakes.add(node.at, f"expected {what}, found an empty list", f"write {example}")
            elif isinstance(node, Text) and not node.is_nothing:
                wrong(node, mistakes, what, f"write [{_in_a_list(node.text)}]")
            else:
                wrong(node, mistakes, what, f"write {example}")
            return None
        values = [reader(item, mistakes) for item in node.items]
        good = tuple(one for one in values if one is not None)
        return good if len(good) == len(values) else None

    return read


def distinct(reader: Reader[tuple[T, ...]]) -> Reader[tuple[T, ...]]:
    """Reads a list in which nothing stands twice."""

    def read(node: Node, mistakes: Mistakes) -> tuple[T, ...] | None:
        values = reader(node, mistakes)
        if values is None or not isinstance(node, Sequence):
            return values
        seen: set[T] = set()
        for item, value in zip(node.items, values, strict=True):
            if value in seen:
                mistakes.add(item.at, f"{found(item)[5:]} stands twice in this list", "keep one")
                return None
            seen.add(value)
        return values

    return read


def mapping(node: Node, mistakes: Mistakes, expected: str, example: str) -> Mapping | None:
    """`node` as a map that is not empty."""
    if isinstance(node, Mapping) and (node.entries or node.partial):
        return node
    if isinstance(node, Mapping):
        mistakes.add(node.at, f"expected {expected}, found an empty map", f"write {example}")
    else:
        wrong(node, mistakes, expected, f"write {example}")
    return None


def keyed(
    of: str, example: str, key: Reader[str], value: Reader[T]
) -> Reader[tuple[tuple[str, T], ...]]:
    """Reads a map, not empty, whose keys and values are read by `key` and `value`."""

    def read(node: Node, mistakes: Mistakes) -> tuple[tuple[str, T], ...] | None:
        whole = mapping(node, mistakes, of, example)
        if whole is None:
            return None
        pairs = [(key(one.key, mistakes), value(one.value, mistakes)) for one in whole.entries]
        good = tuple(
            (left, right) for left, right in pairs if left is not None and right is not None
        )
        return good if len(good) == len(pairs) else None

    return read


def record(
    kind: str, example: str, readers: dict[str, Reader[object]], required: tuple[str, ...] = ()
) -> Reader[Fields]:
    """Reads a map with known keys; the answer has the keys for further rules."""

    def read(node: Node, mistakes: Mistakes) -> Fields | None:
        whole = mapping(node, mistakes, kind, example)
        if whole is None:
            return None
        before = len(mistakes)
        fields = Fields(whole, kind, mistakes, frozenset(readers))
        fields.refuse_unknown(readers, {})
        for key in required:
            if fields.lacks(key):
                mistakes.add(node.at, f"{kind} needs '{key}'", f"write {example}")
        for key, reader in readers.items():
            fields.read(key, reader)
        return fields if len(mistakes) == before else None

    return read


def names(values: Iterable[str]) -> str:
    """Names for a sentence: 'dev', 'staging'."""
    return ", ".join(f"'{one}'" for one in values)
