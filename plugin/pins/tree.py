"""The shape of a YAML text and the exact place of every scalar in it; nothing is constructed.

Marks count code points. A mark of a parser stands at the scalar's anchor or tag, so those are
skipped; the slice is compared with the value before anybody trusts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import yaml

from plugin.errors import Refusal
from plugin.pins.nodes import Alias, Event, Mapping, Node, Refused, Scalar, Sequence, Tree

# Bundles of CRDs are the largest manifests people keep: 2 to 4 MB, 31 bytes a scalar. At these
# limits a text costs less than a second and 100 MB to read, or to refuse.
MAX_BYTES = 4 << 20
MAX_DEPTH = 100
MAX_NODES = 200_000
MAX_EXPANDED = 1_000_000
BOM = "\ufeff"
Batch: TypeAlias = tuple[Any, ...]

_BATCH = 256
_SCALAR: Any = yaml.ScalarEvent
_STARTS = frozenset({yaml.MappingStartEvent, yaml.SequenceStartEvent})
_ENDS = frozenset({yaml.MappingEndEvent, yaml.SequenceEndEvent})

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
        return _not_yaml(file, text, error)


def events_of(text: str) -> tuple[Event, ...] | None:
    """The events of `text` alone, twice as fast as a tree; None when it is not YAML."""
    events: list[Event] = []
    try:
        for batch in _batches(text):
            events += _signatures(batch)
    except yaml.YAMLError:
        return None
    return tuple(events)


def decode(file: str, content: bytes) -> str | Refused:
    """`content` as text with its line ends and byte order mark kept, or why not."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Refused(file, line, 1, "is not UTF-8; save the file as UTF-8")


def too_large(file: str) -> Refused:
    """What is said of a file of more than `MAX_BYTES`, which nobody need read to say it."""
    return Refused(file, 1, 1, f"is larger than {MAX_BYTES >> 20} MiB; split the file")


def _hostile(file: str, text: str) -> Refused | None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return too_large(file)
    found = _HIDDEN_BREAK.search(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start()) + 1
    name = f"U+{ord(found.group()):04X}"
    reason = f"holds {name}, a line break that editors do not show; replace it by a space"
    return Refused(file, line, 1, reason)


def _not_yaml(file: str, text: str, error: yaml.YAMLError) -> Refused:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    if "{{" in text:
        reason = "is not YAML but a template; keep the version in the values it is filled with"
        return Refused(file, line, column, reason)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
    return Refused(file, line, column, f"is not YAML: {problem}")


class _Unreadable(Refusal):
    """Carries the answer of `read` out of the recursion."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.refused = refused


class _Open(NamedTuple):
    """A collection whose end has not come yet, what it stands in, and the nodes before it."""

    event: Any
    around: list[Node]
    before: int


class _Reader:
    """One pass over the events of a text, without recursion: files are deep on purpose, too.

    Events come in batches, whose scalars are made in one go: calls for each of them would cost
    more than the parser.
    """

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text.removeprefix(BOM)
        self._events: list[Event] = []
        self._number = 0
        self._through_aliases = 0
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliases: set[tuple[str, str]] = set()
        self._open: list[_Open] = []
        self._documents: list[Node] = []
        self._items = self._documents

    def tree(self) -> Tree:
        for batch in _batches(self._text):
            if self._number + len(batch) > MAX_NODES:
                raise self._refuse(batch[-1], f"holds more than {MAX_NODES} nodes; split the file")
            self._take(batch)
            self._events += _signatures(batch)
        documents, aliases = tuple(self._documents), frozenset(self._aliases)
        return Tree(self._text, documents, tuple(self._events), aliases)

    def _take(self, batch: Batch) -> None:
        scalars = iter(self._scalars(batch))
        for event in batch:
            kind = type(event)
            if kind is _SCALAR:
                self._items.append(scalar := next(scalars))
                if scalar.anchor is not None:
                    self._anchors[scalar.anchor] = (scalar, 1)
            elif kind in _STARTS:
                self._start(event)
            elif kind in _ENDS:
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
            if type(event) is _SCALAR
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
        self._open.append(_Open(event, self._items, self._expanded()))
        self._items = []

    def _end(self, end: Any) -> None:
        event, around, before = self._open.pop()
        items, mark = self._items, event.start_mark
        node: Node
        if type(event) is yaml.MappingStartEvent:
            keys = items[::2]
            self._check_keys(keys)
            pairs, until = tuple(zip(keys, items[1::2], strict=True)), _offset(end.end_mark)
            flow = bool(event.flow_style)
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
                    raise _Unreadable(Refused(self._file, key.line, key.column, reason))
                seen.add(key.value)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise self._refuse(event, f"'*{event.anchor}' refers to an anchor that is not there")
        target, weight = self._anchors[event.anchor]
        self._through_aliases += weight
        if self._expanded() > MAX_EXPANDED:
            raise self._refuse(event, f"expands to more than {MAX_EXPANDED} nodes through aliases")
        self._aliases.add((event.anchor, self._key_waiting()))
        self._items.append(Alias(*_place(event), event.anchor, target))

    def _key_waiting(self) -> str:
        """The name of the key whose value comes next; '' for anything else."""
        in_mapping = self._open and type(self._open[-1].event) is yaml.MappingStartEvent
        if not in_mapping or len(self._items) % 2 == 0:
            return ""
        key = self._items[-1]
        return key.value if isinstance(key, Scalar) else ""

    def _refuse(self, event: Any, reason: str) -> _Unreadable:
        return _Unreadable(Refused(self._file, *_place(event), reason))


def _batches(text: str) -> Iterator[Batch]:
    events = iter(_LOADER(text).get_event, None)
    while batch := tuple(islice(events, _BATCH)):
        yield batch


def _offset(mark: Any) -> int:
    return int(mark.index)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _signatures(batch: Batch) -> list[Event]:
    """What events say, apart from where: two texts with equal signatures are one tree."""
    return [
        ("ScalarEvent", event.anchor, event.tag, event.value, event.style or None)
        if type(event) is _SCALAR
        else _BARE.get(type(event)) or _signature(event)
        for event in batch
    ]


def _signature(event: Any) -> Event:
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    return type(event).__name__, anchor, tag, "", getattr(event, "flow_style", None)


# Events that say nothing but what they are.
_BARE: dict[type, Event] = {kind: (kind.__name__, None, None, "", None) for kind in _ENDS}
