"""The files of commits and their blobs, remembered: a commit never changes."""

from __future__ import annotations

from collections.abc import Mapping

from github_app.ports import Objects
from github_app.remembering import Remembered

# Paths of all listings that are remembered.
_MOST = 400_000


class Listings:
    """Lists commits, each directory of them once."""

    def __init__(self, most: int = _MOST) -> None:
        self._known: Remembered[tuple[str, str], Mapping[str, str]] = Remembered(most)

    def of(self, objects: Objects, commit: str, below: str) -> Mapping[str, str]:
        """The blobs of all files below a directory ('' is the root), by path from the root."""
        key = (commit, below)
        if key in self._known:
            return self._known[key]
        found = {one.path: one.oid for one in objects.files(commit, below)}
        return self._known.keep(key, found, len(found) + 1)
