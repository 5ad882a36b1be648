"""Two texts as a unified difference, in a time that no text can make long. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_CONTEXT = 3
# Lines on both sides, without what is equal at the beginning and at the end, that are compared
# line by line: what is more is shown as gone and come.
_MOST_COMPARED = 4_000


def unified(before: str, after: str) -> str:
    """Every line that goes and comes, with three around, under `@@` headings; '' if none."""
    old, new = before.split("\n"), after.split("\n")
    changes = list(_changes(old, new))
    lines = [line for group in _grouped(changes) for line in _hunk(old, new, group)]
    return "\n".join(lines)


# From where to where in the old lines, and in the new ones.
_Change = tuple[int, int, int, int]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    start = _equal(old, new)
    end = _equal(old[start:][::-1], new[start:][::-1])
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    if len(old_middle) + len(new_middle) > _MOST_COMPARED:
        yield start, len(old) - end, start, len(new) - end
        return
    matcher = SequenceMatcher(None, old_middle, new_middle)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag != "equal":
            yield start + old_from, start + old_to, start + new_from, start + new_to


def _equal(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count


def _grouped(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Changes that have no more than the lines around them in between."""
    group: list[_Change] = []
    for change in changes:
        if group and change[0] - group[-1][1] > 2 * _CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[_Change]) -> Iterator[str]:
    before = min(_CONTEXT, group[0][0])
    after = min(_CONTEXT, len(old) - group[-1][1])
    old_from, new_from = group[0][0] - before, group[0][2] - before
    old_to, new_to = group[-1][1] + after, group[-1][3] + after
    yield f"@@ -{_range(old_from, old_to)} +{_range(new_from, new_to)} @@"
    at = old_from
    for old_start, old_end, new_start, new_end in group:
        yield from (f" {line}" for line in old[at:old_start])
        yield from (f"-{line}" for line in old[old_start:old_end])
        yield from (f"+{line}" for line in new[new_start:new_end])
        at = old_end
    yield from (f" {line}" for line in old[at:old_to])


def _range(start: int, end: int) -> str:
    """As `diff -u` writes it: numbers count from 1, and an empty range names the line before."""
    length = end - start
    return f"{start + 1 if length else start},{length}"
