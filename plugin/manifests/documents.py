"""Printed manifests as documents: quick answers from their text, without a YAML parser.

What kustomize prints has one form: keys sorted, blocks indented by two, sequences not indented, no
comments, no anchors, `---` alone between documents. So a line tells what it is by its indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from plugin.divided import printed_documents

_ANNOTATIONS = b"\n  annotations:"
_NEXT_OF_METADATA = re.compile(rb"\n  (?! )")
_ENTRY = re.compile(rb"\n    (?![ :])")
_NEXT_KEY = re.compile(rb"\n(?=[^ \n])")
_LINE = re.compile(
    rb"""(?P<indent>[ ]*+)(?P<dashes>(?:-[ ])*+)
    (?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?![:?][ ])[^\s"'](?:[^:]|:(?=[^ ]))*?)
    :(?:[ ](?P<value>.*))?""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b"}
_SHORT |= {"v": "\v", "f": "\f", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
# A pair of quotes, or nothing in between.
_QUOTED = 2


@dataclass(frozen=True, slots=True)
class Document:
    """One object in the text of all: from its first byte to beyond its last line end."""

    text: bytes
    start: int
    end: int

    @property
    def body(self) -> bytes:
        """Its own text."""
        return self.text[self.start : self.end]

    @property
    def kind(self) -> str:
        """What it says of its kind, '' for nothing."""
        return self._top(b"kind")

    @property
    def api_version(self) -> str:
        """What it says of its API's group and version."""
        return self._top(b"apiVersion")

    @property
    def name(self) -> str:
        """Its name."""
        return self._of_metadata(b"name")

    @property
    def namespace(self) -> str:
        """Its namespace, '' where it is left to whoever applies it."""
        return self._of_metadata(b"namespace")

    @property
    def metadata(self) -> tuple[int, int] | None:
        """Where the lines below `metadata:` stand in the text."""
        found = self._at(b"metadata:\n")
        if found is None:
            return None
        after = _NEXT_KEY.search(self.text, found - 1, self.end)
        return found, after.start() + 1 if after else self.end

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} '{where}{self.name}'"

    def _top(self, key: bytes) -> str:
        at = self._at(key + b": ")
        return "" if at is None else unquoted(self.text[at : _line_end(self, at)])

    def _at(self, words: bytes) -> int | None:
        """Beyond `words`, where a line begins with them."""
        if self.text.startswith(words, self.start):
            return self.start + len(words)
        found = self.text.find(b"\n" + words, self.start, self.end)
        return None if found < 0 else found + len(words) + 1

    def _of_metadata(self, key: bytes) -> str:
        place = self.metadata
        words = b"\n  " + key + b": "
        found = self.text.find(words, place[0] - 1, place[1]) if place else -1
        at = found + len(words)
        return "" if found < 0 else unquoted(self.text[at : _line_end(self, at)])


def documents(text: bytes) -> Iterator[Document]:
    """The documents of what kustomize printed, in their order."""
    for start, end in printed_documents(text):
        yield Document(text, start, end)


@dataclass(frozen=True, slots=True)
class Field:
    """A line of `key: value`: where it begins, how many dashes it has, its value as written.

    The value is empty where a mapping or a sequence follows.
    """

    indent: int
    dashes: int
    key: str
    value: bytes

    @property
    def column(self) -> int:
        """Where the key begins."""
        return self.indent + 2 * self.dashes


def field_of(line: bytes) -> Field | None:
    """What a line, without its end, says as a field of a mapping."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    indent, dashes = len(found["indent"]), len(found["dashes"]) // 2
    return Field(indent, dashes, unquoted(found["key"]), found["value"] or b"")


def way_to(document: Document, start: int) -> tuple[str, ...] | None:
    """The keys from the object to the field whose line begins at `start`, '' for each item.

    None for what only looks like a field: a line of a text, in a block or in quotes. By their
    indentation, the lines above it open no mapping and no sequence.
    """
    text = document.text
    field = field_of(text[start : _line_end(document, start)])
    if field is None:
        return None
    keys = [field.key, *[""] * field.dashes]
    column, in_item = field.indent, field.dashes > 0
    while column or in_item:
        if start <= document.start:
            return None
        end, start = start - 1, text.rfind(b"\n", document.start, start - 1) + 1
        start = max(start, document.start)
        # Most lines are deeper, and a call for each would be most of the time.
        if text.startswith(b" " * (column + 1), start):
            continue
        step = _step(text[start:end], column, in_item=in_item)
        if step is None:
            return None
        more, column, in_item = step
        keys += more
    return tuple(reversed(keys))


def _step(line: bytes, column: int, *, in_item: bool) -> tuple[list[str], int, bool] | None:
    """What the line above adds to the way of a node at `column`; None where it is no way at all.

    `in_item` says that the node is an item: its dash stands at the column. The answer is the keys,
    and where to go on from.
    """
    indent = len(line) - len(line.lstrip(b" "))
    dashes = line[indent : indent + 2] == b"- "
    beside = indent == column and (dashes or not in_item)
    if indent > column or beside or not line:
        return [], column, in_item
    field = field_of(line)
    if field is None:
        return None
    items, above = [""] * field.dashes, (field.indent, field.dashes > 0)
    if not in_item and dashes and field.column == column:
        return items, *above
    opens = not field.value and field.column == (column if in_item else column - 2)
    return ([field.key, *items], *above) if opens else None


def _line_end(document: Document, at: int) -> int:
    found = document.text.find(b"\n", at, document.end)
    return document.end if found < 0 else found


@dataclass(frozen=True, slots=True)
class Annotations:
    """The annotations in a text, or the place for them: each with its key and its whole lines."""

    start: int
    end: int
    entries: tuple[tuple[str, bytes], ...]


def annotations_of(document: Document) -> Annotations | None:
    """The annotations of an object; None where its metadata is not written as a block."""
    place, text = document.metadata, document.text
    if place is None:
        return None
    start = text.find(_ANNOTATIONS, place[0] - 1, place[1]) + 1
    if not start:
        return Annotations(place[0], place[0], ())
    after = _NEXT_OF_METADATA.search(text, start, place[1])
    end = after.start() + 1 if after else place[1]
    first = _line_end(document, start) + 1
    starts = [found.start() + 1 for found in _ENTRY.finditer(text, first - 1, end)]
    lines = [text[one:beyond] for one, beyond in pairwise([*starts, end])]
    return Annotations(start, end, tuple((_key_of(one), one) for one in lines))


def _key_of(entry: bytes) -> str:
    """The key of an entry; one that is longer than 128 characters stands behind a '?'."""
    line = entry[: entry.index(b"\n")].lstrip()
    if line.startswith(b"? "):
        return unquoted(line[2:])
    field = field_of(line)
    return field.key if field else ""


def unquoted(text: bytes) -> str:
    """The value of a scalar on one line."""
    said = text.decode()
    if len(said) >= _QUOTED and said[0] == said[-1] == "'":
        return said[1:-1].replace("''", "'")
    if len(said) >= _QUOTED and said[0] == said[-1] == '"':
        return _ESCAPE.sub(_unescaped, said[1:-1])
    return said


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)) if code else _SHORT.get(found[4], found[4])
