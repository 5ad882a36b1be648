"""The shape of a YAML text and the exact place of every scalar in it; nothing is constructed.

Marks count code points. A mark of a parser stands at the scalar's anchor or tag, so those are
skipped; the slice is compared with the value before anybody trusts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from plugin.errors import Refusal
from plugin.pins.nodes import Alias, Event, Mapping, Node, Refused, Scalar, Sequence, Tree

MAX_BYTES = 1 << 20
MAX_DEPTH = 100
MAX_NODES = 100_000
MAX_EXPANDED = 1_000_000
BOM = "\ufeff"

_HIDDEN_BREAK = re.compile("[\u0085\u2028\u2029]")
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+){1,2}")
# libyaml agrees with the Go parser of kustomize and Argo CD on what is YAML; PyYAML's own parser
# serves where the C extension was not built.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read(file: str, text: str) -> Tree | Refused:
    """The tree of `text`, or why no careful editor touches it; never slow, never large."""
    hostile = _hostile(file, text)
    if hostile is not None:
        return hostile
    try:
        return _Reader(file, text).tree()
    except UnicodeEncodeError:
        return Refused(file, 1, 1, "is not UTF-8; save the file as UTF-8")
    except _Unreadable as unreadable:
        return unreadable.refused
    except yaml.YAMLError as error:
        return _not_yaml(file, error)


def events_of(text: str) -> tuple[Event, ...] | None:
    """The events of `text` alone, twice as fast as a tree; None when it is not YAML."""
    event = _LOADER(text).get_event
    try:
        return tuple(map(_signature, iter(event, None)))
    except yaml.YAMLError:
        return None


def decode(file: str, content: bytes) -> str | Refused:
    """`content` as text with its line ends and byte order mark kept, or why not."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Refused(file, line, 1, "is not UTF-8; save the file as UTF-8")


def _hostile(file: str, text: str) -> Refused | None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return Refused(file, 1, 1, "is larger than 1 MiB; split the file")
    found = _HIDDEN_BREAK.search(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start()) + 1
    name = f"U+{ord(found.group()):04X}"
    reason = f"holds {name}, a line break that editors do not show; replace it by a space"
    return Refused(file, line, 1, reason)


def _not_yaml(file: str, error: yaml.YAMLError) -> Refused:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
    return Refused(file, line, column, f"is not YAML: {problem}")


class _Unreadable(Refusal):
    """Carries the answer of `read` out of the recursion."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.refused = refused


class _Reader:
    """One pass over the events of a text."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text.removeprefix(BOM)
        self._event = _LOADER(self._text).get_event
        self._events: list[Event] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliases: set[tuple[str, str]] = set()
        self._expanded = 0

    def tree(self) -> Tree:
        documents = tuple(self._documents())
        return Tree(self._text, documents, tuple(self._events), frozenset(self._aliases))

    def _documents(self) -> Iterator[Node]:
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                yield self._node(self._next(), 0)

    def _next(self) -> Any:
        event = self._event()
        if len(self._events) >= MAX_NODES:
            raise self._refuse(event, f"holds more than {MAX_NODES} nodes; split the file")
        self._events.append(_signature(event))
        return event

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._refuse(event, f"is nested deeper than {MAX_DEPTH} levels")
        before = self._expanded
        self._expanded += 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        node = self._anchored(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._expanded - before)
        return node

    def _anchored(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _alias(self, event: Any) -> Alias:
        if event.anchor not in self._anchors:
            raise self._refuse(event, f"'*{event.anchor}' refers to an anchor that is not there")
        target, weight = self._anchors[event.anchor]
        self._expanded += weight
        if self._expanded > MAX_EXPANDED:
            raise self._refuse(event, f"expands to more than {MAX_EXPANDED} nodes through aliases")
        return Alias(*_place(event), event.anchor, target)

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        line, column = _place(event)
        if event.anchor is not None or event.tag is not None:
            properties = _PROPERTIES.match(self._text, start, end)
            shift = properties.end() - start if properties else 0
            start, column = start + shift, column + shift
        number = len(self._events) - 1
        return Scalar(
            number, start, end, line, column, event.value, event.style or "", event.anchor
        )

    def _user(self, node: Node, key: str) -> Node:
        """`node`, noted under `key` if it uses an anchor."""
        if isinstance(node, Alias):
            self._aliases.add((node.name, key))
        return node

    def _sequence(self, event: Any, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            items.append(self._user(self._node(item, depth + 1), ""))
        return Sequence(event.start_mark.index, *_place(event), tuple(items))

    def _mapping(self, event: Any, depth: int) -> Mapping:
        pairs: list[tuple[Node, Node]] = []
        seen: set[str] = set()
        while not isinstance(item := self._next(), yaml.MappingEndEvent):
            key = self._user(self._node(item, depth + 1), "")
            name = ""
            if isinstance(key, Scalar):
                name = key.value
                if name in seen:
                    raise self._refuse(item, f"key '{name[:80]}' stands twice; remove one")
                seen.add(name)
            pairs.append((key, self._user(self._node(self._next(), depth + 1), name)))
        end = _offset(item.end_mark)
        flow = bool(event.flow_style)
        return Mapping(event.start_mark.index, end, *_place(event), flow, tuple(pairs))

    def _refuse(self, event: Any, reason: str) -> _Unreadable:
        return _Unreadable(Refused(self._file, *_place(event), reason))


def _offset(mark: Any) -> int:
    return int(mark.index)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _signature(event: Any) -> Event:
    """What an event says, apart from where: two texts with equal signatures are one tree."""
    kind = type(event)
    if kind is yaml.ScalarEvent:
        return "ScalarEvent", event.anchor, event.tag, event.value, event.style or None
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    return kind.__name__, anchor, tag, "", getattr(event, "flow_style", None)
