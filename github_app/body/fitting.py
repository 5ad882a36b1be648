"""A text of several parts that fits: essentials are shortened, what is welcome goes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much each part may say: rows of a table, warnings, characters of one, commits."""

    rows: int
    warnings: int
    words: int
    commits: int


LIMITS = (Limits(30, 20, 500, 20), Limits(15, 12, 250, 10), Limits(6, 6, 120, 5))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a text; `name` says what goes, the later ones first, '' never does."""

    text: str
    name: str = ""


def fitted(parts_within: Callable[[Limits], Sequence[Part]], most: int) -> str:
    """All parts within `most` characters, each as full as that allows.

    What may go goes before anything else is shortened, and the text says that it went.
    """
    text = ""
    for limits in LIMITS:
        parts = [one for one in parts_within(limits) if one.text]
        names = [one.name for one in parts if one.name]
        for count in range(len(names), -1, -1):
            text = _joined(parts, frozenset(names[:count]), names[count:])
            if len(text) <= most:
                return text
    return text


def _joined(parts: Sequence[Part], kept: frozenset[str], gone: Sequence[str]) -> str:
    texts = [one.text for one in parts if not one.name or one.name in kept]
    if gone:
        texts.append(f"Left out because of its length: {', '.join(gone)}.")
    return "\n\n".join(texts) + "\n"
