"""What a path in a page's address means: a branch or commit, then a place in its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from github_app.sandbox.refused import not_found

_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Place:
    """A file or directory (`path`, "" for the root) at a branch or commit."""

    ref: str
    path: str

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        """Each part of the path with the path up to it."""
        parts = self.path.split("/") if self.path else []
        return [(part, "/".join(parts[: at + 1])) for at, part in enumerate(parts)]


def place(address: str, branches: Mapping[str, str]) -> Place:
    """The longest branch name that `address` starts with, or a commit id; 404 for neither.

    Branch names hold slashes; Git lets none be a directory of another, so one fits at most.
    """
    parts = address.strip("/").split("/")
    for end in range(len(parts), 0, -1):
        ref = "/".join(parts[:end])
        if ref in branches or (end == 1 and _SHA.fullmatch(ref)):
            return Place(ref, "/".join(parts[end:]))
    raise not_found()


def listing(paths: Iterable[str], directory: str) -> tuple[list[str], list[str]]:
    """Names of the directories and of the files in a directory, each sorted."""
    prefix = f"{directory}/" if directory else ""
    inside = [path[len(prefix) :] for path in paths if path.startswith(prefix)]
    directories = {name.partition("/")[0] for name in inside if "/" in name}
    return sorted(directories), sorted(name for name in inside if "/" not in name)
