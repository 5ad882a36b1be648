"""Two judges of a bump that share nothing with what they judge: of bytes, and of another parse."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from tests.plugin.pins.texts import readings

# A key that a bump may create in an `images` entry.
_CREATED = r"[\"']?(?:newTag|digest)[\"']?:[ ]*"
_FLOW_KEYS = (
    "",
    *(
        f"{comma}{quote}{key}{quote}:"
        for comma in (", ", ",  ", " , ")
        for quote in ("", "'", '"')
        for key in ("newTag", "digest")
    ),
)
_ALIKE = 150


def changed_lines(
    before: str, after: str, old: Sequence[str], new: Sequence[str]
) -> list[int] | str:
    """The lines, from 1, in which nothing but the old version became the new; else what did.

    Knows nothing of YAML. Lines that hold nothing but a created key are left out of `after`.
    """
    created = re.compile(rf"\s*{_CREATED}[\"']?(?:{_any(new)})[\"']?\r?\n?")
    were, are = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(were) != len(are):
        are = _without_created(were, are, created)
    if len(were) != len(are):
        return f"{len(were)} lines became {len(are)}"
    changed = []
    for number, (was, is_) in enumerate(zip(were, are, strict=True), 1):
        if was != is_ and was.rstrip("\r\n") != is_.rstrip("\r\n"):
            if not _version_only(was, is_, old, new):
                return f"line {number}: {was!r} became {is_!r}"
            changed.append(number)
    return changed


def _without_created(were: list[str], are: list[str], created: re.Pattern[str]) -> list[str]:
    """The lines of `are` without those whose key is not the one that stood at their place."""
    kept: list[str] = []
    for line in are:
        was = were[len(kept)] if len(kept) < len(were) else ""
        if not created.fullmatch(line) or line.partition(":")[0] == was.partition(":")[0]:
            kept.append(line)
    return kept


def _version_only(was: str, is_: str, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether `was` is `is_` with the old version, or nothing, in place of the new one.

    Up to three times in a line, with or without quotes, behind a key that was created.
    """
    befores = ["", *_forms([*old, *new])]
    afters = [f"{key}{one}" for key in _FLOW_KEYS for one in _forms(new)]
    return _follows(was, is_, befores, afters, 3)


def _forms(words: Iterable[str]) -> list[str]:
    forms = (f"{quote}{word}{quote}" for word in words for quote in ("", "'", '"'))
    return [f"{gap}{one}" for one in forms for gap in ("", " ")]


def _follows(was: str, is_: str, befores: list[str], afters: list[str], left: int) -> bool:
    if was == is_ or left == 0:
        return was == is_
    same = next((at for at, both in enumerate(zip(was, is_, strict=False)) if both[0] != both[1]),
                min(len(was), len(is_)))  # fmt: skip
    # The versions may begin alike, or the new one may end where the old one goes on.
    for start in range(same, max(same - _ALIKE, -1), -1):
        gone = [one for one in afters if is_.startswith(one, start)]
        there = [one for one in befores if was.startswith(one, start)] if gone else []
        for one, two in itertools.product(there, gone):
            if _follows(
                was[start + len(one) :], is_[start + len(two) :], befores, afters, left - 1
            ):
                return True
    return False


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(one) for one in words)


def other_parse(before: str, after: str, old: Sequence[str], new: Sequence[str]) -> str | None:
    """What else than the version changed for ruamel's own parser; None where nothing did.

    What changed must be text under YAML 1.1 and under 1.2.
    """
    were, are = readings(before), readings(after)
    if len(were) != len(are):
        are = _without_pairs(were, are, set(new))
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
    were: list[tuple[object, ...]], are: list[tuple[object, ...]], new: set[str]
) -> list[tuple[object, ...]]:
    """The events of `are` without the keys that were created, and their values."""
    kept: list[tuple[object, ...]] = []
    waiting = iter(are)
    for event in waiting:
        was = were[len(kept)] if len(kept) < len(were) else None
        if event != was and len(event) > 2 and event[2] in ("newTag", "digest"):
            if next(waiting)[2] not in new:
                return are
        else:
            kept.append(event)
    return kept


def _is_text(types: str) -> bool:
    return "str" in types and not re.search("int|float|bool|null|timestamp", types)
