"""YAML text -> located values: every scalar as it was written, every mapping with its lines.

Values are composed from the parser's events, because the loaders of YAML libraries turn `1.10`
into 1.1 and `no` into False, keep the last of two equal keys and forget lines.
libyaml does the scanning where PyYAML was built with it.
What a small text could blow up (depth, aliases of aliases, many values) is capped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, NoReturn, Protocol

import yaml

from plugin.pipeline_file.mistakes import START, Mistakes, Position, shown
from plugin.pipeline_file.nodes import MOST_VALUES, Entry, Mapping, Node, Sequence, Text
from plugin.pipeline_file.syntax_errors import explained

MOST_CHARACTERS = 1 << 20
_DEEPEST = 40
# Characters YAML forbids, line breaks that editors do not show as such (what follows one in a
# comment is live YAML), and the bidirectional overrides that show a reviewer another text.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str, mistakes: Mistakes) -> Node | None:
    """The one document of `text`, None if it is empty; raises InvalidProject for broken YAML.

    Repeated keys, tags and merge keys are added to `mistakes`, and reading goes on.
    """
    text = text.removeprefix("\ufeff")
    _refuse_characters(text, mistakes)
    try:
        return _Composer(mistakes).document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        # A quote that is never closed is best seen where it was opened.
        opened = "quoted scalar" in (error.context or "")
        marks = (error.context_mark, error.problem_mark)
        at = _position((marks[0] if opened else marks[1]) or marks[0] or marks[1])
        mistakes.refuse(at, *explained(error.problem or "", error.context or "", text, at))
    except yaml.YAMLError as error:
        mistakes.refuse(START, f"this is not YAML: {shown(str(error))}", "write plain UTF-8 text")


def _refuse_characters(text: str, mistakes: Mistakes) -> None:
    if len(text) > MOST_CHARACTERS:
        mistakes.refuse(START, "the file is larger than 1 MiB", "split it into several projects")
    if bad := _FORBIDDEN.search(text):
        mistakes.add(
            place(text, bad.start()),
            f"the invisible character U+{ord(bad.group()):04X} stands here",
            "remove it: people would see another file than Towline reads",
        )
    if directive := _DIRECTIVE.search(text):
        # libyaml needs seconds for a megabyte of them, and none has a use here.
        mistakes.add(
            place(text, directive.start()),
            "a line begins with '%', which YAML reserves for directives",
            "remove the line, or indent it",
        )
    mistakes.settle()


def place(text: str, index: int) -> Position:
    """Line and column of the character at `index`."""
    before = text[:index]
    return Position(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


class _Mark(Protocol):
    """What libyaml's marks and PyYAML's have in common."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


def _position(mark: _Mark | None) -> Position:
    return Position(mark.line + 1, mark.column + 1) if mark else START


class _Composed(NamedTuple):
    node: Node
    size: int
    height: int


class _Composer:
    """One document's events become values; aliases are followed, within limits."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._anchors: dict[str, _Composed | None] = {}
        self._values = 0

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(
                        event,
                        "a second YAML document begins here",
                        "keep one: a second project is a towline.yaml in another folder",
                    )
            elif isinstance(event, yaml.NodeEvent):
                root = self._composed(event, events, 1).node
        if isinstance(root, Text) and root.is_nothing:
            return None
        return root

    def _composed(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> _Composed:
        if isinstance(event, yaml.AliasEvent):
            return self._followed(event, depth)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = None
        self._refuse_tag(event)
        self._count(event, 1)
        composed = self._built(event, events, depth)
        if anchor is not None:
            self._anchors[anchor] = composed
        return composed

    def _built(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> _Composed:
        at = _position(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            return _Composed(Text(at, event.value, bool(event.style)), 1, 1)
        if depth >= _DEEPEST:
            self._stop(event, f"this is nested deeper than {_DEEPEST} levels", "write it flat")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(at, events, depth)
        return self._mapping(at, events, depth)

    def _sequence(self, at: Position, events: Iterator[yaml.Event], depth: int) -> _Composed:
        parts: list[_Composed] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            parts.append(self._composed(event, events, depth + 1))
        return _joined(Sequence(at, tuple(one.node for one in parts)), parts)

    def _mapping(self, at: Position, events: Iterator[yaml.Event], depth: int) -> _Composed:
        parts: list[_Composed] = []
        entries: dict[str, Entry] = {}
        partial = False
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._composed(event, events, depth + 1)
            value = self._composed(next(events), events, depth + 1)
            parts += (key, value)
            text = self._key(key.node, entries)
            if text is None:
                partial = True
            else:
                entries[text.text] = Entry(text, value.node)
        return _joined(Mapping(at, tuple(entries.values()), partial), parts)

    def _key(self, node: Node, entries: dict[str, Entry]) -> Text | None:
        if not isinstance(node, Text):
            self._mistakes.add(
                node.at,
                "a list or a map stands where a key is expected",
                "write the key as text; put text with '{' or '[' in quotes",
            )
            return None
        if node.text == "<<" and not node.quoted:
            self._mistakes.add(
                node.at,
                "'<<' would merge keys from elsewhere, which hides what is said here",
                "write the keys out, or use one stage with a matrix",
            )
            return None
        if first := entries.get(node.text):
            self._mistakes.add(
                node.at,
                f"the key {shown(node.text)} stands twice, first in line {first.key.at.line}",
                "keep one of them",
            )
            return None
        return node

    def _followed(self, event: yaml.AliasEvent, depth: int) -> _Composed:
        name = event.anchor or ""
        target = self._anchors.get(name)
        if target is None:
            what = "stands inside itself" if name in self._anchors else "is not defined before it"
            self._stop(
                event,
                f"the alias '*{shown(name)[1:-1]}' {what}",
                "write the value out; put text that begins with '*' in quotes",
            )
        self._count(event, target.size)
        if depth + target.height > _DEEPEST:
            self._stop(event, f"this is nested deeper than {_DEEPEST} levels", "write it flat")
        return target._replace(node=replace(target.node, at=_position(event.start_mark)))

    def _refuse_tag(self, event: yaml.Event) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._mistakes.add(
                _position(event.start_mark),
                f"the YAML tag {shown(tag)} stands here",
                "remove it: values are read as they are written",
            )

    def _count(self, event: yaml.Event, more: int) -> None:
        self._values += more
        if self._values > MOST_VALUES:
            self._stop(
                event,
                f"the file holds more than {MOST_VALUES} values, aliases followed",
                "split it into several projects",
            )

    def _stop(self, event: yaml.Event, what: str, instead: str) -> NoReturn:
        self._mistakes.refuse(_position(event.start_mark), what, instead)


def _joined(node: Node, parts: list[_Composed]) -> _Composed:
    return _Composed(
        node,
        1 + sum(one.size for one in parts),
        1 + max((one.height for one in parts), default=0),
    )
