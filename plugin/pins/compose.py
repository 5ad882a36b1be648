"""The tree of a YAML text out of its events, with the exact place of every scalar.

Marks count code points. A mark of a parser stands at the scalar's anchor or tag, so those are
skipped; the slice is compared with the value before anybody trusts it.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from plugin.errors import Refusal
from plugin.pins.events import ENDS, SCALAR, STARTS, Batch, batches, signatures
from plugin.pins.nodes import Alias, Event, Mapping, Node, Refused, Scalar, Sequence, Tree

MAX_DEPTH = 100
MAX_NODES = 200_000
MAX_EXPANDED = 1_000_000

_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+){1,2}")


class Unreadable(Refusal):
    """Carries why a text is not read out of the middle of it."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.refused = refused


class Composer:
    """One pass over the events of a text, without recursion: files are deep on purpose, too.

    Events come in batches, whose scalars are made in one go: calls for each of them would cost
    more than the parser.
    """

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._events: list[Event] = []
        self._number = 0
        self._through_aliases = 0
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliases: dict[str, set[str]] = {}
        # Collections whose end has not come yet, what they stand in, and the nodes before them.
        self._open: list[tuple[Any, list[Node], int]] = []
        self._documents: list[Node] = []
        self._items = self._documents

    def tree(self) -> Tree:
        """The whole tree; raises Unreadable, and yaml.YAMLError where the parser stops."""
        for batch in batches(self._text):
            if self._number + len(batch) > MAX_NODES:
                raise self._refuse(batch[-1], f"holds more than {MAX_NODES} nodes; split the file")
            self._take(batch)
            self._events += signatures(batch)
        aliases = {name: frozenset(keys) for name, keys in self._aliases.items()}
        return Tree(self._text, tuple(self._documents), tuple(self._events), aliases)

    def _take(self, batch: Batch) -> None:
        scalars = iter(self._scalars(batch))
        for event in batch:
            kind = type(event)
            if kind is SCALAR:
                self._items.append(scalar := next(scalars))
                if scalar.anchor is not None:
                    self._anchors[scalar.anchor] = (scalar, 1)
            elif kind in STARTS:
                self._start(event)
            elif kind in ENDS:
                self._end(event)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._anchors.clear()
            self._number += 1

    def _scalars(self, batch: Batch) -> list[Scalar]:
        """The scalars of a batch; a mark stands at the anchor or tag, so those are skipped."""
        return [
            Scalar(
                number,
                (mark := event.start_mark).index,
                event.end_mark.index,
                mark.line + 1,
                mark.column + 1,
                event.value,
                event.style or "",
                None,
            )
            if event.anchor is None and event.tag is None
            else self._with_properties(number, event)
            for number, event in enumerate(batch, self._number)
            if type(event) is SCALAR
        ]

    def _with_properties(self, number: int, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        properties = _PROPERTIES.match(self._text, start, end)
        shift = properties.end() - start if properties else 0
        line, column = _place(event)
        value, style, anchor = event.value, event.style or "", event.anchor
        return Scalar(number, start + shift, end, line, column + shift, value, style, anchor)

    def _start(self, event: Any) -> None:
        if len(self._open) > MAX_DEPTH:
            raise self._refuse(event, f"is nested deeper than {MAX_DEPTH} levels")
        self._open.append((event, self._items, self._number + self._through_aliases))
        self._items = []

    def _end(self, end: Any) -> None:
        event, around, before = self._open.pop()
        items, mark = self._items, event.start_mark
        node: Node
        if type(event) is yaml.MappingStartEvent:
            keys = items[::2]
            self._check_keys(keys)
            pairs = tuple(zip(keys, items[1::2], strict=True))
            until, flow = end.end_mark.index, bool(event.flow_style)
            node = Mapping(mark.index, until, mark.line + 1, mark.column + 1, flow, pairs)
        else:
            node = Sequence(mark.index, mark.line + 1, mark.column + 1, tuple(items))
        around.append(node)
        self._items = around
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._expanded() - before)

    def _expanded(self) -> int:
        """How many nodes came so far, as if every alias were written out; ends count, too."""
        return self._number + self._through_aliases

    def _check_keys(self, keys: list[Node]) -> None:
        names = [key.value for key in keys if type(key) is Scalar]
        if len(set(names)) == len(names):
            return
        seen: set[str] = set()
        for key in keys:
            if isinstance(key, Scalar):
                if key.value in seen:
                    reason = f"key '{key.value[:80]}' stands twice; remove one"
                    raise Unreadable(Refused(self._file, key.line, key.column, reason))
                seen.add(key.value)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise self._refuse(event, f"'*{event.anchor}' refers to an anchor that is not there")
        target, weight = self._anchors[event.anchor]
        self._through_aliases += weight
        if self._expanded() > MAX_EXPANDED:
            raise self._refuse(event, f"expands to more than {MAX_EXPANDED} nodes through aliases")
        self._aliases.setdefault(event.anchor, set()).add(self._key_waiting())
        self._items.append(Alias(*_place(event), event.anchor, target))

    def _key_waiting(self) -> str:
        """The name of the key whose value comes next; '' for anything else."""
        in_mapping = self._open and type(self._open[-1][0]) is yaml.MappingStartEvent
        if not in_mapping or len(self._items) % 2 == 0:
            return ""
        key = self._items[-1]
        return key.value if isinstance(key, Scalar) else ""

    def _refuse(self, event: Any, reason: str) -> Unreadable:
        return Unreadable(Refused(self._file, *_place(event), reason))


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
