"""What each operator of a constraint asks of a version's place among versions; pure.

As Masterminds/semver 3.5.0 has it (https://github.com/Masterminds/semver/blob/v3.5.0/constraints.go),
also where that is not what one would expect: `^*` admits 0.0.0 alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Precedence: TypeAlias = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]
"""The three numbers, whether it is a release, and the identifiers of a pre-release."""
Test: TypeAlias = Callable[[Precedence], bool]


@dataclass(frozen=True, slots=True)
class Partial:
    """A version as a constraint writes it: the least one meant, and how many numbers it gives.

    None given is a wildcard alone, which Masterminds takes for 0.0.0 but in `*` and `~*`.
    """

    low: Precedence
    given: int


def _equal(partial: Partial) -> Test:
    if partial.given == 3:
        return lambda place: place == partial.low
    return _tilde(partial)


def _unequal(partial: Partial) -> Test:
    """Not what begins with the numbers given; beside major and minor, pre-releases are compared."""
    match partial.given:
        case 1:
            return lambda place: place[0] != partial.low[0]
        case 2:
            return lambda place: (place[:2], place[3:]) != (partial.low[:2], partial.low[3:])
        case _:
            return lambda place: place != partial.low


def _above(partial: Partial) -> Test:
    count, low = partial.given, partial.low
    if count in {1, 2}:
        return lambda place: _first(place, count) > _first(low, count)
    return lambda place: place > low


def _at_least(partial: Partial) -> Test:
    return lambda place: place >= partial.low


def _below(partial: Partial) -> Test:
    return lambda place: place < partial.low


def _at_most(partial: Partial) -> Test:
    count, low = partial.given or 2, partial.low
    if count == 3:
        return lambda place: place <= low
    return lambda place: _first(place, count) <= _first(low, count)


def _tilde(partial: Partial) -> Test:
    """Changes right of the minor number, of the major one where that stands alone.

    `~0.0.0` admits every version, as it does in Masterminds.
    """
    if partial.given in {0, 3} and partial.low[:3] == (0, 0, 0):
        return _at_least(partial)
    return _within(partial, 1 if partial.given == 1 else 2)


def _caret(partial: Partial) -> Test:
    """Changes right of the first number that is not 0."""
    major, minor, *_ = partial.low
    if major or partial.given == 1:
        return _within(partial, 1)
    return _within(partial, 2 if minor or partial.given == 2 else 3)


def _within(partial: Partial, count: int) -> Test:
    """From the version up, with the same first numbers: 2.0.0-rc.1 is not within `^1`."""
    low = partial.low
    return lambda place: place >= low and _first(place, count) == _first(low, count)


def _first(place: Precedence, count: int) -> tuple[int, ...]:
    """Its first `count` numbers."""
    return place[:3][:count]


TESTS: dict[str, Callable[[Partial], Test]] = {
    "": _equal,
    "=": _equal,
    "!=": _unequal,
    ">": _above,
    ">=": _at_least,
    "=>": _at_least,
    "<": _below,
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}
