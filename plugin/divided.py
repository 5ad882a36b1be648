"""Where a document begins among others: in what kustomize prints, and in what people write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# The line that kustomize prints between two documents, and nowhere else.
BETWEEN = "---\n"
_MARKER = b"---"
_BETWEEN = b"\n---\n"
_START = re.compile(r"^---(?=[ \t\r\n])", re.MULTILINE)


def is_by_hand(manifests: bytes) -> bool:
    """Whether people wrote the text: kustomize begins with an object, a joined file with `---`."""
    return manifests.startswith(_MARKER)


def printed_documents(manifests: bytes) -> Iterator[tuple[int, int]]:
    """Where each document of kustomize begins, and where it ends, its last line end included."""
    start = 0
    while start < len(manifests):
        found = manifests.find(_BETWEEN, start)
        end = len(manifests) if found < 0 else found + 1
        yield start, end
        start = end + len(BETWEEN)


def printed_texts(manifests: bytes) -> tuple[str, ...]:
    """The documents of kustomize, without the lines between them."""
    return tuple(manifests[one:end].decode() for one, end in printed_documents(manifests))


def texts_by_hand(text: str) -> tuple[str, ...]:
    """The documents that people wrote, each with its `---`: together they are `text` again."""
    starts = [found.start() for found in _START.finditer(text)]
    every = pairwise([0, *starts, len(text)])
    return tuple(text[one:end] for one, end in every if one < end)
