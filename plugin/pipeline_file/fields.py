"""Located values -> Python values, with a mistake in the project's words for everything else.

A `Reader` takes a node and the mistakes so far; it answers None exactly when it added a mistake.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from plugin.pipeline_file.mistakes import Mistakes, Position, shown, similar
from plugin.pipeline_file.nodes import Mapping, Node, Sequence, Text

T = TypeVar("T")
E = TypeVar("E", bound=enum.Enum)
Reader: TypeAlias = Callable[[Node, Mistakes], T | None]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_TEXT = 1000
PLACEHOLDER = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Fields:
    """A map read key by key; `kind` is what it describes, as in 'a stage'."""

    node: Mapping
    kind: str
    mistakes: Mistakes

    def has(self, key: str) -> bool:
        """Whether `key` is written, with whatever value."""
        return self.node.get(key) is not None

    def at(self, key: str) -> Position:
        """Where `key` stands, or the map if it is missing."""
        entry = self.node.get(key)
        return entry.key.at if entry else self.node.at

    def read(self, key: str, reader: Reader[T]) -> T | None:
        """The value of `key`, None if it is missing or wrong."""
        entry = self.node.get(key)
        return reader(entry.value, self.mistakes) if entry else None

    def read_or(self, key: str, reader: Reader[T], default: T) -> T:
        """The value of `key`, `default` if it is missing or wrong."""
        value = self.read(key, reader)
        return default if value is None else value

    def required(self, key: str, reader: Reader[T], example: str) -> T | None:
        """The value of `key`, with a mistake if it is missing."""
        if not self.has(key):
            self.mistakes.add(self.node.at, f"{self.kind} needs '{key}'", f"write {example}")
        return self.read(key, reader)

    def refuse_unknown(self, known: Collection[str], elsewhere: dict[str, str]) -> None:
        """Adds a mistake for each key not in `known`; `elsewhere` says where a key belongs."""
        for entry in self.node.entries:
            key = entry.key.text
            if key not in known:
                self.mistakes.add(
                    entry.key.at,
                    f"unknown key {shown(key)} in {self.kind}",
                    _instead_of(key, known, elsewhere),
                )


def _instead_of(key: str, known: Collection[str], elsewhere: dict[str, str]) -> str:
    if key in elsewhere:
        return f"'{key}' belongs to {elsewhere[key]}; move it there"
    if meant := similar(key, known):
        return f"did you mean '{meant}'?"
    return f"remove it, or use one of: {', '.join(sorted(known))}"


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


def text(expected: str, example: str) -> Reader[str]:
    """Reads one line of text as it is written; `${name}` must have been replaced before."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = _line(node, mistakes, expected, example)
        if value is None or "${" not in value:
            return value
        name = PLACEHOLDER.search(value)
        mistakes.add(
            node.at,
            f"{shown(name.group() if name else '${')} stands for nothing here",
            f"declare it: matrix: {{{name.group(1) if name else 'name'}: [a, b]}}",
        )
        return None

    return read


def template(expected: str, example: str, words: Collection[str]) -> Reader[str]:
    """Reads one line of text in which `${word}` stands for one of `words`."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = _line(node, mistakes, expected, example)
        strange = [one for one in PLACEHOLDER.findall(value or "") if one not in words]
        if not strange:
            return value
        choice = ", ".join(f"${{{word}}}" for word in sorted(words))
        mistakes.add(node.at, f"'${{{strange[0]}}}' stands for nothing here", f"use {choice}")
        return None

    return read


def _line(node: Node, mistakes: Mistakes, expected: str, example: str) -> str | None:
    if not isinstance(node, Text) or node.is_nothing or not node.text.strip():
        wrong(node, mistakes, expected, f"write {example}")
        return None
    if len(node.text) > _LONGEST_TEXT or not node.text.isprintable():
        mistakes.add(
            node.at,
            f"{shown(node.text)} is not one short line of text",
            f"write at most {_LONGEST_TEXT} characters without line breaks, such as {example}",
        )
        return None
    return node.text


def name(of: str) -> Reader[str]:
    """Reads a DNS label (https://www.rfc-editor.org/rfc/rfc1123#section-2.1), in lower case."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = text(f"the name of {of}", "a name such as web")(node, mistakes)
        if value is None or _NAME.fullmatch(value):
            return value
        mistakes.add(
            node.at,
            f"{shown(value)} cannot be the name of {of}",
            f"write lower-case letters, digits and '-', at most 63, such as '{_slug(value)}'",
        )
        return None

    return read


def _slug(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.lower())[:63].strip("-") or "web"


def boolean(node: Node, mistakes: Mistakes) -> bool | None:
    """Reads true or false, and none of YAML's other spellings."""
    if isinstance(node, Text) and not node.quoted and node.text in ("true", "false"):
        return node.text == "true"
    said = node.text.lower() if isinstance(node, Text) else ""
    meant = {"yes": "true", "on": "true", "y": "true", "true": "true"}
    refused = {"no": "false", "off": "false", "n": "false", "false": "false"}
    instead = (meant | refused).get(said, "true or false")
    wrong(node, mistakes, "true or false", f"write {instead}, without quotes")
    return None


def only_true(node: Node, mistakes: Mistakes) -> bool | None:
    """Reads true where false would say nothing."""
    value = boolean(node, mistakes)
    if value is False:
        mistakes.add(node.at, "false says nothing here", "write true, or remove the key")
        return None
    return value


def whole_number(low: int, high: int) -> Reader[int]:
    """Reads a number from `low` to `high`."""

    def read(node: Node, mistakes: Mistakes) -> int | None:
        digits = isinstance(node, Text) and re.fullmatch(r"0|[1-9][0-9]{0,8}", node.text)
        if isinstance(node, Text) and not node.quoted and digits and low <= int(node.text) <= high:
            return int(node.text)
        wrong(node, mistakes, f"a number from {low} to {high}", f"write {low}")
        return None

    return read


def word(*words: str) -> Reader[str]:
    """Reads one of `words`."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        if isinstance(node, Text) and node.text in words:
            return node.text
        meant = similar(node.text, words) if isinstance(node, Text) else None
        wrong(node, mistakes, " or ".join(words), f"write {meant or words[0]}")
        return None

    return read


def choice(kinds: type[E]) -> Reader[E]:
    """Reads one of an enumeration's values."""

    def read(node: Node, mistakes: Mistakes) -> E | None:
        value = word(*(one.value for one in kinds))(node, mistakes)
        return None if value is None else kinds(value)

    return read


def listed(of: str, example: str, reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """Reads a list, not empty, of what `reader` reads; None if any item is wrong."""

    def read(node: Node, mistakes: Mistakes) -> tuple[T, ...] | None:
        if not isinstance(node, Sequence) or not node.items:
            what = f"a list of {of}"
            if isinstance(node, Sequence):
                mistakes.add(node.at, f"expected {what}, found an empty list", f"write {example}")
            elif isinstance(node, Text) and not node.is_nothing:
                wrong(node, mistakes, what, f"write [{shown(node.text)[1:-1]}]")
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
    if isinstance(node, Mapping) and node.entries:
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


def record(kind: str, example: str, readers: dict[str, Reader[object]]) -> Reader[Fields]:
    """Reads a map with known keys, each optional; the answer has the keys for further rules."""

    def read(node: Node, mistakes: Mistakes) -> Fields | None:
        whole = mapping(node, mistakes, kind, example)
        if whole is None:
            return None
        before = len(mistakes)
        fields = Fields(whole, kind, mistakes)
        fields.refuse_unknown(readers.keys(), {})
        for key, reader in readers.items():
            fields.read(key, reader)
        return fields if len(mistakes) == before else None

    return read


def matching(pattern: str, expected: str, example: str) -> Reader[str]:
    """Reads text that matches the whole of `pattern`."""
    compiled = re.compile(pattern)

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = text(expected, example)(node, mistakes)
        if value is None or compiled.fullmatch(value):
            return value
        wrong(node, mistakes, expected, f"write {example}")
        return None

    return read


def names(values: Iterable[str]) -> str:
    """Names for a sentence: 'dev', 'staging'."""
    return ", ".join(f"'{one}'" for one in values)
