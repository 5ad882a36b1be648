"""CODEOWNERS: who owns which file, by the last line whose pattern matches.

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# In this order; the first that is there counts, even if it is too large to be read.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
SIZE_LIMIT = 3 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """A pattern and its owners (`login`, `organization/team` or an address); none is allowed."""

    expression: str
    owners: tuple[str, ...]


def lines(text: str) -> tuple[Line, ...]:
    """The lines that count; those that use what only `.gitignore` knows (! and []) do not."""
    found = []
    for raw in text.splitlines():
        words = re.split(r"(?<!\\)\s+", re.sub(r"(^|\s)#.*", "", raw).strip())
        pattern, owners = words[0], words[1:]
        if pattern and not pattern.startswith(("!", "\\#")) and not re.search(r"[\[\]]", pattern):
            named = tuple(owner.removeprefix("@").lower() for owner in owners)
            found.append(Line(_expression(pattern.replace("\\ ", " ")), named))
    return tuple(found)


def owners_of(found: tuple[Line, ...], path: str) -> tuple[str, ...]:
    """The owners of a path, in lower case; () for none."""
    for line in reversed(found):
        if re.fullmatch(line.expression, path):
            return line.owners
    return ()


def _expression(pattern: str) -> str:
    """A pattern with a slash before its end is anchored; one for a directory holds all in it."""
    anchored = "/" in pattern.rstrip("/")
    inside = "" if pattern.rstrip("/").endswith("*") and anchored else "(?:/.*)?"
    body = pattern.strip("/")
    words = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|/\*\*|\*|\?)", body)
    whole = "".join(words.get(piece, re.escape(piece)) for piece in pieces)
    if pattern.endswith("/"):
        inside = "/.*"
    return ("" if anchored or pattern.startswith("/") else "(?:.*/)?") + whole + inside
