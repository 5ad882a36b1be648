"""Who owns a path by a CODEOWNERS file: the last line that matches, by GitHub's rules. Pure.

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

# Where GitHub looks for the file, the first that is there counts.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_MOST_LINES = 10_000
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
# GitHub skips a line with a pattern of these kinds.
_UNSUPPORTED = re.compile(r"^!|^\\#|[\[\]]")


@dataclass(frozen=True, slots=True)
class _Line:
    matches: Any
    owners: tuple[str, ...]


def owners_of(text: str, path: str) -> tuple[str, ...]:
    """The owners of a path, as the file names them: `login`, `org/team` or an address.

    Logins and teams stand without their @ and in lower case. Empty where nobody owns the path.
    """
    found = (line.owners for line in reversed(_lines(text)) if line.matches.fullmatch(path))
    return next(found, ())


@lru_cache(maxsize=16)
def _lines(text: str) -> tuple[_Line, ...]:
    return tuple(_read(text))


def _read(text: str) -> Iterator[_Line]:
    for line in text.splitlines()[:_MOST_LINES]:
        words = _WORD.findall(_without_comment(line))
        if not words or _UNSUPPORTED.search(words[0]):
            continue
        owners = [one.lower() for one in words[1:]]
        matches = _compiled(_pattern(words[0]))
        if matches is not None and all("@" in one for one in owners):
            yield _Line(matches, tuple(one.lstrip("@") for one in owners))


def _compiled(pattern: str) -> Any:
    """The pattern; None for one that is longer than anybody means."""
    try:
        return re2.compile(pattern)
    except re2.error:
        return None


def _without_comment(line: str) -> str:
    return "" if line.startswith("#") else re.split(r"\s#", line, maxsplit=1)[0]


def _pattern(written: str) -> str:
    """The regular expression of a pattern: gitignore's, for paths from the root of the repository.

    With a slash at its beginning or in its middle it starts at the root, else anywhere; a directory
    stands for everything in it, but for `/*` at the end.
    """
    directory, name = written.endswith("/"), written.strip("/")
    parts = name.split("/")
    start = "" if "/" in written.rstrip("/") else "(?:.*/)?"
    body = "".join(_part(one, last=False) for one in parts[:-1]) + _part(parts[-1], last=True)
    if directory:
        return f"{start}{body}/.*"
    return start + body if len(parts) > 1 and parts[-1] == "*" else f"{start}{body}(?:/.*)?"


def _part(part: str, *, last: bool) -> str:
    if part == "**":
        return ".*" if last else "(?:.*/)?"
    return "".join(map(_sign, re.findall(r"\\.|\*+|.", part))) + ("" if last else "/")


def _sign(sign: str) -> str:
    if sign[0] == "*":
        return "[^/]*"
    return "[^/]" if sign == "?" else re.escape(sign[-1])
