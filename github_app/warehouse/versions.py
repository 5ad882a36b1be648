"""Semantic versions as tags write them, and the constraints that pick among them; pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

from semver import Version

from plugin.errors import Refusal

_SUFFIX = r"(?P<pre>-[0-9A-Za-z.-]+)?(?P<build>\+[0-9A-Za-z.-]+)?"
_LOOSE = re.compile(rf"v?(?P<x>\d+)(?:\.(?P<y>\d+))?(?:\.(?P<z>\d+))?{_SUFFIX}", re.ASCII)
_OPERATOR = r"!=|>=|=>|<=|=<|~>|=|>|<|~|\^"
_PARTIAL = rf"v?(?P<x>\d+|[xX*])(?:\.(?P<y>\d+|[xX*]))?(?:\.(?P<z>\d+|[xX*]))?{_SUFFIX}"
_COMPARATOR = re.compile(rf"(?:(?P<operator>{_OPERATOR})\s*)?{_PARTIAL}", re.ASCII)
_OPEN = frozenset({"=", ">=", "=>", "~", "~>", "^"})
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")

Release: TypeAlias = tuple[int, int, int]
Test: TypeAlias = Callable[[Version], bool]


def version_of(tag: str, *, strict: bool) -> Version | None:
    """The semantic version a tag writes, None if it is none; a leading `v` is taken.

    `strict` asks for major, minor and patch without leading zeros (https://semver.org, 2);
    otherwise `1`, `1.2` and `2026.01.05` are versions too.
    """
    text = tag.removeprefix("v")
    if not strict:
        parts = _LOOSE.fullmatch(tag)
        if parts is None:
            return None
        numbers = (str(int(parts[name] or "0")) for name in "xyz")
        text = ".".join(numbers) + (parts["pre"] or "") + (parts["build"] or "")
    try:
        return Version.parse(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Constraint:
    """Alternatives of comparators that must all hold.

    The grammar and its rules are those of Kargo's constraints
    (https://github.com/Masterminds/semver#checking-version-constraints): `^ ~ = != > >= < <=`,
    `1.2 - 2.3`, `1.x`, spaces or commas for *and*, `||` for *or*. Pre-releases count only within
    an alternative that names one itself: `>=1.0.0-0` admits them all.
    """

    text: str
    alternatives: tuple[_Alternative, ...]

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """The constraint `text` writes; raises Refusal."""
        return cls(text, tuple(_alternative(one, text) for one in text.split("||")))

    def admits(self, version: Version) -> bool:
        """Whether one alternative holds for `version`."""
        return any(one.admits(version) for one in self.alternatives)


@dataclass(frozen=True, slots=True)
class _Alternative:
    comparators: tuple[Test, ...]
    names_prerelease: bool

    def admits(self, version: Version) -> bool:
        if version.prerelease and not self.names_prerelease:
            return False
        return all(holds(version) for holds in self.comparators)


def _alternative(text: str, whole: str) -> _Alternative:
    ranged = _HYPHEN.sub(r">=\1 <=\2", text.strip())
    comparators, position = [], 0
    for found in _COMPARATOR.finditer(ranged):
        between = ranged[position : found.start()]
        if between.strip() not in {"", ","} or (position and not between):
            break
        comparators.append(found)
        position = found.end()
    if not comparators or ranged[position:].strip():
        raise Refusal(
            f"'{whole}' is not a version constraint: write for example '^2.0' or '>=1.4 <3'"
        )
    return _Alternative(
        tuple(_comparator(one, whole) for one in comparators),
        any(one["pre"] for one in comparators),
    )


@dataclass(frozen=True, slots=True)
class _Partial:
    """A version as a constraint writes it: `low` is the least one meant, `given` its numbers."""

    low: Version
    given: tuple[int, ...]

    @property
    def full(self) -> bool:
        return len(self.given) == 3

    def end(self, count: int) -> Release:
        """The first release past all that begin with the first `count` numbers."""
        head = [*self.given[: count - 1], self.given[count - 1] + 1, 0, 0]
        return (head[0], head[1], head[2])


def _comparator(found: re.Match[str], whole: str) -> Test:
    """What one comparator asks of a version; `*` asks nothing, and nothing is beside it."""
    given = tuple(int(found[name]) for name in _written(found))
    numbers = ".".join(map(str, [*given, 0, 0, 0][:3]))
    low = version_of(numbers + (found["pre"] or ""), strict=True)
    operator = found["operator"] or "="
    if low is None or not (given or operator in _OPEN):
        raise Refusal(f"'{found[0]}' in '{whole}' is not a version to compare with")
    if not given:
        return lambda _: True
    return _TESTS[operator](_Partial(low, given))


def _written(found: re.Match[str]) -> list[str]:
    """The names of the parts that are numbers, up to the first that is missing or a wildcard."""
    return list(takewhile(lambda name: (found[name] or "x") not in "xX*", "xyz"))


def _equal(partial: _Partial) -> Test:
    if partial.full:
        return lambda version: version == partial.low
    return _between(partial.low, partial.end(len(partial.given)))


def _unequal(partial: _Partial) -> Test:
    equal = _equal(partial)
    return lambda version: not equal(version)


def _above(partial: _Partial) -> Test:
    if partial.full:
        return lambda version: version > partial.low
    end = partial.end(len(partial.given))
    return lambda version: release(version) >= end


def _at_least(partial: _Partial) -> Test:
    return lambda version: version >= partial.low


def _below(partial: _Partial) -> Test:
    return lambda version: version < partial.low


def _at_most(partial: _Partial) -> Test:
    if partial.full:
        return lambda version: version <= partial.low
    end = partial.end(len(partial.given))
    return lambda version: release(version) < end


def _caret(partial: _Partial) -> Test:
    """Changes right of the first number that is not 0."""
    fixed = next((place for place, number in enumerate(partial.given, 1) if number), None)
    return _between(partial.low, partial.end(fixed or len(partial.given)))


def _tilde(partial: _Partial) -> Test:
    """Changes right of the minor number, of the major one where that stands alone."""
    return _between(partial.low, partial.end(min(len(partial.given), 2)))


def _between(low: Version, end: Release) -> Test:
    """From `low` up to the numbers of `end`: 2.0.0-rc.1 is not below the 2.0.0 that ends `^1`."""
    return lambda version: version >= low and release(version) < end


def release(version: Version) -> Release:
    """The three numbers of a version."""
    return (version.major, version.minor, version.patch)


_TESTS: dict[str, Callable[[_Partial], Test]] = {
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
