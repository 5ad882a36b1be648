"""What registries keep under a digest, remembered: it never changes."""

from __future__ import annotations

import threading

from github_app.remembering import Remembered
from plugin.artifact import Repository

_MOST_BYTES = 16 * 1024 * 1024


class Parts:
    """Manifests and configs that were proven by their digest, at most 16 MiB; for many threads.

    Each stays its repository's, so that nobody is shown what only another login may read.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._kept: Remembered[tuple[Repository, str], bytes] = Remembered(most_bytes)
        self._lock = threading.Lock()

    def get(self, repository: Repository, digest: str) -> bytes | None:
        """The bytes of that digest, None if they are not remembered."""
        with self._lock:
            known = (repository, digest) in self._kept
            return self._kept[(repository, digest)] if known else None

    def keep(self, repository: Repository, digest: str, content: bytes) -> None:
        """Remember what was proven to have that digest."""
        with self._lock:
            self._kept.keep((repository, digest), content, len(content))
