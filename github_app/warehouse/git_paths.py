"""The include and exclude paths of a Git subscription, compiled once; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

import re2

from github_app.warehouse.patterns import pattern
from plugin.errors import Refusal

_GLOB, _REGEX = "glob:", ("regex:", "regexp:")
_PART = "[^/]*"
_SPECIAL = frozenset("*?[]{},\\")

Test: TypeAlias = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class PathRules:
    """Which changed paths count (https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses).

    A bare path is a file or a directory with all below it, `glob:` a pattern in which `*` stays
    within a directory and `**` does not, `regex:` (or `regexp:`) an RE2 pattern that may match
    anywhere. What is excluded is so even where it is included; without `include` all is.

    Nothing is admitted but what is, or is below, a path of `within` (none: anywhere), and nothing
    that is or is below one of `without`: nobody who looks for changes need look there.
    """

    include: tuple[Test, ...]
    exclude: tuple[Test, ...]
    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @classmethod
    def of(cls, include: Sequence[str], exclude: Sequence[str]) -> PathRules:
        """The compiled rules; raises Refusal for a pattern that is none."""
        places = [_place(rule) for rule in include]
        plain = [_plain(rule) for rule in exclude if _is_bare(rule)]
        return cls(
            tuple(map(_test, include)),
            tuple(map(_test, exclude)),
            tuple(places) if all(places) else (),
            tuple(one for one in plain if one),
        )

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)

    def admits(self, path: str) -> bool:
        """Whether a change of the path counts."""
        # What is no UTF-8 in a path is a surrogate here, which patterns cannot hold.
        text = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        included = not self.include or any(test(text) for test in self.include)
        return included and not any(test(text) for test in self.exclude)


def _test(rule: str) -> Test:
    for word in _REGEX:
        if rule.startswith(word):
            return pattern(rule.removeprefix(word)).search
    if rule.startswith(_GLOB):
        return pattern(_glob_pattern(rule.removeprefix(_GLOB))).search
    plain = _plain(rule)
    return lambda path: not plain or path == plain or path.startswith(f"{plain}/")


def _plain(rule: str) -> str:
    return "/".join(part for part in rule.split("/") if part not in ("", "."))


def _is_bare(rule: str) -> bool:
    return not rule.startswith((_GLOB, *_REGEX))


def _place(rule: str) -> str:
    """The directory or file that all the rule admits is below, '' where nobody can say."""
    if _is_bare(rule):
        return _plain(rule)
    if not rule.startswith(_GLOB):
        return ""
    parts = rule.removeprefix(_GLOB).split("/")
    return "/".join(takewhile(lambda part: part and not _SPECIAL & set(part), parts))


def _glob_pattern(glob: str) -> str:
    """The RE2 pattern of a glob, of the whole path; raises Refusal.

    The rules are those of https://github.com/bmatcuk/doublestar, which Kargo uses: `*` and `?`
    stop at a slash, `**` as a whole part of the path is any number of parts (`a/**` is also `a`),
    `[a-z]`, `[^a-z]`, `{this,that}`, and a backslash before what means itself.
    """
    return rf"(?s)\A(?:{''.join(_Reader(glob).translated())})\z"


class _Reader:
    """Reads a glob from left to right."""

    def __init__(self, glob: str) -> None:
        self._glob = glob
        self._at = 0
        self._depth = 0

    def translated(self) -> Iterator[str]:
        while self._at < len(self._glob):
            yield self._next()
        if self._depth:
            raise self._refusal("a '{' is not closed")

    def _next(self) -> str:
        if self._part_of_stars():
            return self._stars()
        char = self._take()
        match char:
            case "*":
                return _PART
            case "?":
                return "[^/]"
            case "[":
                return self._characters()
            case "\\":
                return str(re2.escape(self._take()))
            case _:
                return self._braces(char) or str(re2.escape(char))

    def _take(self) -> str:
        if self._at >= len(self._glob):
            raise self._refusal("it ends too early")
        self._at += 1
        return self._glob[self._at - 1]

    def _part_of_stars(self) -> bool:
        """Whether `**` comes, alone in its part of the path."""
        before = self._glob[self._at - 1] if self._at else "/"
        slash = self._glob.startswith("/**", self._at)
        stars = self._at + (1 if slash else 0)
        after = self._glob[stars + 2 : stars + 3]
        alone = slash or before == "/" or (self._depth > 0 and before in "{,")
        ends = after in ("", "/") or (self._depth > 0 and after in ",}")
        return self._glob.startswith("**", stars) and alone and ends

    def _stars(self) -> str:
        slash = self._glob[self._at] == "/"
        self._at += 3 if slash else 2
        if self._glob.startswith("/", self._at):
            # `a/**/b`: the slash behind the stars belongs to what they stand for.
            self._at += 1
            return "/(?:[^/]+/)*" if slash else "(?:[^/]+/)*"
        return "(?:/.*)?" if slash else ".*"

    def _braces(self, char: str) -> str:
        if char == "{":
            self._depth += 1
            return "(?:"
        if char == "}":
            if not self._depth:
                raise self._refusal("a '}' closes nothing")
            self._depth -= 1
            return ")"
        return "|" if char == "," and self._depth else ""

    def _characters(self) -> str:
        """A class of characters; a slash may be one, there as here."""
        inverted = self._glob[self._at : self._at + 1] in ("^", "!")
        self._at += inverted
        found: list[str] = []
        while (char := self._take()) != "]":
            low = self._take() if char == "\\" else char
            found.append(self._span(low))
        if not found:
            raise self._refusal("'[]' names no characters")
        return f"[{'^' if inverted else ''}{''.join(found)}]"

    def _span(self, low: str) -> str:
        if self._glob[self._at : self._at + 1] != "-":
            return str(re2.escape(low))
        self._take()
        high = self._take()
        high = self._take() if high == "\\" else high
        if high == "]" or high < low:
            raise self._refusal(f"'{low}-{high}' is no range of characters")
        return f"{re2.escape(low)}-{re2.escape(high)}"

    def _refusal(self, why: str) -> Refusal:
        return Refusal(f"'{_GLOB}{self._glob}' is not a pattern: {why}")
