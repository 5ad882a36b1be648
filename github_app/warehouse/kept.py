"""What registries have said, remembered for many threads up to a total size."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from github_app.remembering import Remembered
from plugin.artifact import Repository

V = TypeVar("V")


class Kept(Generic[V]):
    """Answers by repository and name: a digest, whose content never changes, or a page.

    Each stays its repository's, so that nobody is shown what only another login may read.
    """

    def __init__(self, most_bytes: int) -> None:
        self._kept: Remembered[tuple[Repository, str], V] = Remembered(most_bytes)
        self._lock = threading.Lock()

    def get(self, repository: Repository, name: str) -> V | None:
        """What is remembered under that name, None if nothing is."""
        with self._lock:
            known = (repository, name) in self._kept
            return self._kept[(repository, name)] if known else None

    def keep(self, repository: Repository, name: str, value: V, size: int) -> None:
        """Remember a value of so many bytes."""
        with self._lock:
            self._kept.keep((repository, name), value, size)
