"""Two judges of a bump that share nothing with what they judge: of bytes, and of another parse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tests.plugin.pins.texts import readings

# A key that a bump may create in an `images` entry.
_CREATED = r"[\"']?(?:newTag|digest)[\"']?:[ ]*"


def changed_lines(
    before: str, after: str, old: Sequence[str], new: Sequence[str]
) -> list[int] | str:
    """The lines, from 1, in which nothing but the old version became the new; else what did.

    Knows nothing of YAML. Lines that hold nothing but a created key are left out of `after`.
    """
    created = re.compile(rf"\s*{_CREATED}[\"']?(?:{_any(new)})[\"']?\r?\n?")
    were, are = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(were) != len(are):
        are = _without_created(are, created, len(are) - len(were))
    if len(were) != len(are):
        return f"{len(were)} lines became {len(are)}"
    changed = []
    for number, (was, is_) in enumerate(zip(were, are, strict=True), 1):
        if was != is_ and was.rstrip("\r\n") != is_.rstrip("\r\n"):
            if not _version_only(was, is_, old, new):
                return f"line {number}: {was!r} became {is_!r}"
            changed.append(number)
    return changed


def _without_created(lines: list[str], created: re.Pattern[str], surplus: int) -> list[str]:
    kept = []
    for line in lines:
        if surplus > 0 and created.fullmatch(line):
            surplus -= 1
        else:
            kept.append(line)
    return kept


def _version_only(was: str, is_: str, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether `was` is `is_` with the old version, or nothing, in place of the new one."""
    cut = re.compile(rf" ?(?:, ?{_CREATED})?[\"']?(?:{_any(new)})[\"']?")
    gap = rf" ?[\"']?(?:{_any([*old, *new])}|)[\"']?"
    return re.fullmatch(gap.join(re.escape(one) for one in cut.split(is_)), was) is not None


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(one) for one in words)


def other_parse(before: str, after: str, old: Sequence[str], new: Sequence[str]) -> str | None:
    """What else than the version changed for ruamel's own parser; None where nothing did.

    What changed must be text under YAML 1.1 and under 1.2.
    """
    were, are = readings(before), readings(after)
    if len(were) != len(are):
        are = _without_pairs(are, set(new), len(are) - len(were))
    if len(were) != len(are):
        return f"{len(were)} events became {len(are)}"
    for was, is_ in zip(were, are, strict=True):
        if was != is_:
            same_kind = was[:2] == is_[:2] and len(was) == len(is_) == 4
            if not same_kind or not _version_only(str(was[2]), str(is_[2]), old, new):
                return f"{was} became {is_}"
            if not _is_text(str(is_[3])):
                return f"{is_} is not text for every reader"
    return None


def _without_pairs(
    events: list[tuple[object, ...]], new: set[str], surplus: int
) -> list[tuple[object, ...]]:
    """The events without the created keys and their values."""
    kept: list[tuple[object, ...]] = []
    position = 0
    while position < len(events):
        pair = [one[2] if len(one) > 2 else None for one in events[position : position + 2]]
        if surplus > 0 and pair[0] in ("newTag", "digest") and pair[1] in new:
            surplus -= 2
            position += 2
        else:
            kept.append(events[position])
            position += 1
    return kept


def _is_text(types: str) -> bool:
    return "str" in types and not re.search("int|float|bool|null|timestamp", types)
