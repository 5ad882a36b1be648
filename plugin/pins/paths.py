"""Paths into YAML, as people write them: keys, list items by key or number, a document by kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from plugin.errors import Refusal
from plugin.pins.nodes import Mapping, Node, Scalar, Sequence, Tree

SYNTAX = (
    'keys joined by dots, "keys.with.dots" in quotes, [name=web] or [0] for a list item, '
    "[kind=Deployment] in front for a document"
)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PLAIN = r'(?:[^\s."\[\],=\\]|\\\S)+'
_KEY = re.compile(rf"{_QUOTED}|{_PLAIN}")
_VALUE = re.compile(rf'{_QUOTED}|(?:[^"\[\],\\]|\\.)*')
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Key:
    """The value of a key of a map."""

    name: str

    def __str__(self) -> str:
        return _written(self.name)


@dataclass(frozen=True, slots=True)
class Index:
    """An item of a list by its number, from 0."""

    number: int

    def __str__(self) -> str:
        return f"[{self.number}]"


@dataclass(frozen=True, slots=True)
class Where:
    """The items of a list, or the documents of a file, in which keys have these values."""

    conditions: tuple[tuple[tuple[str, ...], str], ...]

    def __str__(self) -> str:
        said = (
            f"{'.'.join(map(_written, keys))}={_quoted(said)}" for keys, said in self.conditions
        )
        return f"[{','.join(said)}]"


Step: TypeAlias = Key | Index | Where


@dataclass(frozen=True, slots=True)
class FieldPath:
    """The steps from a file's documents to one place in it."""

    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> FieldPath:
        """The path `spec.volumes[name=root].image`, see SYNTAX; raises Refusal."""
        steps = tuple(_Parser(text).steps())
        if not any(isinstance(one, Key) for one in steps):
            raise Refusal(f"'{text[:120]}' names no key")
        return cls(steps)

    def __str__(self) -> str:
        parts = [f"{'.' if isinstance(one, Key) else ''}{one}" for one in self.steps]
        return "".join(parts).removeprefix(".")

    def find(self, tree: Tree) -> tuple[Node, ...]:
        """Every place the path leads to, in any document; aliases and merge keys are no way."""
        nodes = tree.documents
        for number, step in enumerate(self.steps):
            nodes = tuple(
                one for node in nodes for one in next_nodes(node, step, first=number == 0)
            )
        return nodes


def next_nodes(node: Node, step: Step, *, first: bool = False) -> Iterator[Node]:
    """Where one step leads from `node`; the `first` may choose among documents."""
    match step:
        case Key(name):
            found = node.get(name) if isinstance(node, Mapping) else None
            yield from () if found is None else (found,)
        case Index(number):
            yield from node.items[number : number + 1] if isinstance(node, Sequence) else ()
        case Where():
            items = node.items if isinstance(node, Sequence) else (node,) if first else ()
            yield from (one for one in items if _meets(one, step))
        case _:
            assert_never(step)


def _meets(node: Node, where: Where) -> bool:
    return all(_says(node, keys, value) for keys, value in where.conditions)


def _says(node: Node, keys: Iterable[str], value: str) -> bool:
    found: Node | None = node
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return isinstance(found, Scalar) and found.value == value


class _Parser:
    """One pass over a path's text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def steps(self) -> Iterator[Step]:
        while True:
            yield self._item() if self._takes("[") else Key(self._word(_KEY, "a key"))
            if self._at == len(self._text):
                return
            if not self._takes(".") and not self._text.startswith("[", self._at):
                raise self._wrong("'.' or '['")

    def _item(self) -> Index | Where:
        number = _NUMBER.match(self._text, self._at)
        if number and self._text.startswith("]", number.end()):
            self._at = number.end() + 1
            return Index(int(number.group()))
        conditions = [self._condition()]
        while self._takes(","):
            conditions.append(self._condition())
        self._needs("]")
        return Where(tuple(conditions))

    def _condition(self) -> tuple[tuple[str, ...], str]:
        keys = [self._word(_KEY, "a key")]
        while self._takes("."):
            keys.append(self._word(_KEY, "a key"))
        self._needs("=")
        return tuple(keys), self._word(_VALUE, "a value")

    def _word(self, form: re.Pattern[str], what: str) -> str:
        found = form.match(self._text, self._at)
        if found is None:
            raise self._wrong(what)
        self._at = found.end()
        text = found.group()
        text = text[1:-1] if text.startswith('"') else text
        return re.sub(r"\\(.)", r"\1", text)

    def _takes(self, char: str) -> bool:
        if not self._text.startswith(char, self._at):
            return False
        self._at += 1
        return True

    def _needs(self, char: str) -> None:
        if not self._takes(char):
            raise self._wrong(f"'{char}'")

    def _wrong(self, expected: str) -> Refusal:
        rest = self._text[self._at : self._at + 40]
        found = f"'{rest}'" if rest else "nothing"
        return Refusal(f"'{self._text[:120]}' is not a path: expected {expected}, found {found}")


def _written(name: str) -> str:
    return name if re.fullmatch(r'[^\s."\[\],=\\]+', name) else _in_quotes(name)


def _quoted(value: str) -> str:
    return value if re.fullmatch(r'[^"\[\],\\]*', value) else _in_quotes(value)


def _in_quotes(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
