"""A unified diff as rows for a page: what stood where before, what stands where now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")

Kind = Literal["added", "removed", "same", "hunk", "note"]
_KINDS: dict[str, Kind] = {"+": "added", "-": "removed", " ": "same"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line; a number is None where the line does not exist on that side."""

    kind: Kind
    old: int | None
    new: int | None
    text: str


def rows(patch: str) -> Iterator[Row]:
    """The lines of a patch from its first `@@` on, as Git prints it."""
    old = new = 0
    for line in patch.split("\n"):
        hunk = _HUNK.match(line)
        if hunk:
            old, new = int(hunk[1]), int(hunk[2])
            yield Row("hunk", None, None, line)
            continue
        kind = _KINDS.get(line[:1], "note")
        has_old, has_new = kind in ("removed", "same"), kind in ("added", "same")
        yield Row(kind, old if has_old else None, new if has_new else None, line[1:])
        old, new = old + has_old, new + has_new
