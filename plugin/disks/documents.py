"""Whole documents of a YAML text: which slice each one is, put in again or taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from plugin.pins.nodes import Alias, Event, Tree
from plugin.pins.splice import Splice

# In the first column these mark documents even inside scalars.
_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_OTHER = re.compile(r"^(?:\.\.\.(?=[ \t\r\n]|\Z)|%)", re.MULTILINE)
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Document:
    """A slice [start, end) of the text, and the events [first, beyond) it reads as.

    `marked` when it begins with its own `---`. Comments above the first document are not of it,
    nor are those in the first column that stand before the next one's `---`.
    """

    start: int
    end: int
    first: int
    beyond: int
    marked: bool


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of each file, looked for once: a file may hold thousands of disks."""

    _known: dict[str, tuple[Document, ...] | None] = field(default_factory=dict)

    def of(self, file: str, tree: Tree) -> tuple[Document, ...] | None:
        """As `documents_of`."""
        if file not in self._known:
            self._known[file] = documents_of(tree)
        return self._known[file]


def documents_of(tree: Tree) -> tuple[Document, ...] | None:
    """The documents in order; None where directives or `...` make their borders unclear."""
    text = _with_line_feeds(tree.text)
    if _OTHER.search(text):
        return None
    events = _events(tree)
    marks = [one.start() for one in _MARKER.finditer(text)]
    unmarked = len(events) - len(marks)
    if unmarked not in {0, 1}:
        return None
    starts = [_beginning(tree)] * unmarked + marks
    ends = [*starts[1:], len(text)]
    return tuple(
        Document(start, _without_comments(text, start, end), first, beyond, number >= unmarked)
        for number, (start, end, (first, beyond)) in enumerate(
            zip(starts, ends, events, strict=True)
        )
    )


def _without_comments(text: str, start: int, end: int) -> int:
    """Where the comments begin that end a document; blank lines before them may be content."""
    comments = position = end
    while position > start:
        line = max(start, text.rfind("\n", 0, position - 1) + 1)
        if text[line] == "#":
            comments = line
        elif text[line:position].strip():
            break
        position = line
    return comments


def _with_line_feeds(text: str) -> str:
    """A lone carriage return ends a line for YAML, but not for `^`; lengths stay."""
    return text.replace("\r", "\n")


def _beginning(tree: Tree) -> int:
    """The start of the line of the first document's content."""
    first = tree.documents[0]
    start = 0 if isinstance(first, Alias) else first.start
    return _with_line_feeds(tree.text).rfind("\n", 0, start) + 1


def _events(tree: Tree) -> list[tuple[int, int]]:
    begins = [at for at, one in enumerate(tree.events) if one[0] == "DocumentStartEvent"]
    ends = [at + 1 for at, one in enumerate(tree.events) if one[0] == "DocumentEndEvent"]
    return list(zip(begins, ends, strict=True))


def copied(tree: Tree, document: Document, changes: Iterable[Splice]) -> Splice:
    """A copy of the document with `changes`, as a document of its own before it."""
    text, events = _changed(tree, document, sorted(changes, key=lambda one: one.start))
    end = _line_end(tree.text)
    if not text.endswith(("\n", "\r")):
        text += end
    if not document.marked:
        text += f"---{end}"
    return Splice(document.start, document.start, text, document.first, document.first, events)


def removed(tree: Tree, document: Document) -> Splice:
    """The document taken out, with its marker."""
    return Splice(document.start, document.end, "", document.first, document.beyond, ())


def _changed(
    tree: Tree, document: Document, changes: list[Splice]
) -> tuple[str, tuple[Event, ...]]:
    text: list[str] = []
    events: list[Event] = []
    position, event = document.start, document.first
    for one in changes:
        text += (tree.text[position : one.start], one.text)
        events += (*tree.events[event : one.first], *one.events)
        position, event = one.end, one.beyond
    text.append(tree.text[position : document.end])
    events += tree.events[event : document.beyond]
    return "".join(text), tuple(events)


def _line_end(text: str) -> str:
    found = _BREAK.search(text)
    return found.group() if found else "\n"
