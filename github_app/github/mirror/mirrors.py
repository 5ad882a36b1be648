"""All mirrors below the data directory, one per repository id."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from github_app.github.calls import CallCounter
from github_app.github.mirror.git import Git, check_version
from github_app.github.mirror.repository import Mirror
from plugin.pins.tree import MAX_BYTES

# What no reader of ours takes need not be fetched out of Git's objects either.
LARGEST_FILE = MAX_BYTES
# Mirrors that keep a process for reading objects.
_AWAKE = 16


class Mirrors:
    """Mirrors by GitHub's numeric repository id, which no rename changes and no name can escape.

    A Refusal at once when git is missing or too old.
    """

    def __init__(
        self,
        root: Path,
        calls: CallCounter,
        environment: Mapping[str, str],
        *,
        program: str = "git",
        largest: int = LARGEST_FILE,
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()
        self._calls = calls
        self._environment = environment
        self._program = program
        self._largest = largest
        self._lock = threading.Lock()
        self._mirrors: OrderedDict[int, Mirror] = OrderedDict()
        check_version(Git(self._root, environment, program))

    def of(self, repository_id: int) -> Mirror:
        """The mirror of a repository; the same one every time."""
        with self._lock:
            if repository_id not in self._mirrors:
                git = Git(self._place(repository_id), self._environment, self._program)
                self._mirrors[repository_id] = Mirror(git, self._calls, self._largest)
            self._mirrors.move_to_end(repository_id)
            idle = list(self._mirrors.values())[:-_AWAKE]
            mirror = self._mirrors[repository_id]
        for other in idle:
            other.rest()
        return mirror

    def _place(self, repository_id: int) -> Path:
        return self._root / f"{repository_id:d}.git"

    def close(self) -> None:
        """End every process; the mirrors stay and may be used again."""
        with self._lock:
            mirrors = list(self._mirrors.values())
        for mirror in mirrors:
            mirror.rest()
