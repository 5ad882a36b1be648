"""One declaration with a matrix -> one for each combination, `${name}` replaced everywhere."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from plugin.pipeline_file.fields import Fields, distinct, listed, mapping
from plugin.pipeline_file.mistakes import Mistakes, Position, shown
from plugin.pipeline_file.nodes import MOST_VALUES, Entry, Mapping, Node, Sequence, Text, size
from plugin.pipeline_file.scalars import PLACEHOLDER, matching, text

TEMPLATE_WORDS = frozenset({"project", "stage", "warehouse", "freight", "id", "version"})
_MOST_COMBINATIONS = 1000
_MOST_MISTAKES = 500
_EXAMPLE = "matrix: {region: [eu, us]}"


class Expansion:
    """Expands the entries of one map; knows how much the file has grown by it."""

    def __init__(self, kind: str, mistakes: Mistakes) -> None:
        self._kind = kind
        self._mistakes = mistakes
        self._left = MOST_VALUES

    def read(self, whole: Mapping, reader: Callable[[Entry, Mistakes], bool]) -> bool:
        """Gives each entry of `whole`, expanded, to `reader`, which says whether it has a name.

        The answer is whether all have one, so that an unknown name is a mistake.
        A mistake that several combinations share is kept once.
        """
        complete = not whole.partial
        for written in whole.entries:
            entries = self._entries(written)
            complete = complete and bool(entries)
            reported: set[Position] = set()
            found = 0
            for entry in entries:
                apart = self._mistakes.apart()
                complete = reader(entry, apart) and complete
                self._mistakes.take(apart, reported)
                found += len(apart)
                if found > _MOST_MISTAKES:
                    complete = False
                    break
        return complete

    def _entries(self, entry: Entry) -> tuple[Entry, ...]:
        """The entries that `entry` stands for: itself without a matrix, none if it is wrong."""
        if not isinstance(entry.value, Mapping) or entry.value.get("matrix") is None:
            return (entry,)
        variables = self._variables(entry.value)
        entries = [one for one in entry.value.entries if one.key.text != "matrix"]
        pattern = Entry(entry.key, replace(entry.value, entries=tuple(entries)))
        if variables is None or not self._fits(pattern, variables):
            return ()
        family = entry.key.text
        return tuple(
            replace(_filled(pattern, values), family=family) for values in _combinations(variables)
        )

    def _variables(self, node: Mapping) -> dict[str, tuple[str, ...]] | None:
        before = len(self._mistakes)
        value = Fields(node, self._kind, self._mistakes).read("matrix", _matrix)
        return value if len(self._mistakes) == before else None

    def _fits(self, entry: Entry, variables: dict[str, tuple[str, ...]]) -> bool:
        combinations = math.prod(len(values) for values in variables.values())
        missing = [one for one in variables if f"${{{one}}}" not in entry.key.text]
        if missing:
            self._mistakes.add(
                entry.key.at,
                f"the name of this {self._kind} is the same for every '{missing[0]}' of its matrix",
                f'write "{shown(entry.key.text)[1:-1]}-${{{missing[0]}}}"',
            )
            return False
        self._left -= combinations * size(entry.value)
        if combinations > _MOST_COMBINATIONS or self._left < 0:
            self._mistakes.add(
                entry.key.at,
                f"this matrix makes {combinations} {self._kind}s, more than one file may hold",
                "write fewer, or split the project",
            )
            return False
        return True


def _matrix(node: Node, mistakes: Mistakes) -> dict[str, tuple[str, ...]] | None:
    whole = mapping(node, mistakes, "a map of lists", _EXAMPLE)
    if whole is None:
        return None
    variables: dict[str, tuple[str, ...]] = {}
    for entry in whole.entries:
        variable = _variable(entry.key, mistakes)
        values = _values(entry.value, mistakes)
        if variable is not None and values is not None:
            variables[variable] = values
    return variables


_values = distinct(listed("values", "[eu, us]", text("a value", "eu")))
_identifier = matching("[A-Za-z][A-Za-z0-9_]*", "a variable of letters and digits", "region")


def _variable(key: Text, mistakes: Mistakes) -> str | None:
    variable = _identifier(key, mistakes)
    if variable in TEMPLATE_WORDS:
        mistakes.add(
            key.at,
            f"'{variable}' has a meaning of its own in templates",
            f"call the variable something else, such as {variable}Name",
        )
        return None
    return variable


def _combinations(variables: dict[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    for values in itertools.product(*variables.values()):
        yield dict(zip(variables, values, strict=True))


def _filled(entry: Entry, values: dict[str, str]) -> Entry:
    return Entry(_filled_text(entry.key, values), _filled_node(entry.value, values))


def _filled_node(node: Node, values: dict[str, str]) -> Node:
    match node:
        case Text():
            return _filled_text(node, values)
        case Sequence():
            return replace(node, items=tuple(_filled_node(one, values) for one in node.items))
        case Mapping():
            return replace(node, entries=tuple(_filled(one, values) for one in node.entries))


def _filled_text(node: Text, values: dict[str, str]) -> Text:
    if "${" not in node.text:
        return node
    filled = PLACEHOLDER.sub(lambda one: values.get(one.group(1), one.group()), node.text)
    # What a matrix says is text: a value such as `null` or `true` in it means these letters.
    return replace(node, text=filled, quoted=True)
