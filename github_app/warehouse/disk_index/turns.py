"""One at a time: whoever asks for the same as another waits for its answer."""

from __future__ import annotations

import threading
from collections.abc import Hashable


class Turns:
    """A lock for each key."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, threading.Lock] = {}

    def of(self, key: Hashable) -> threading.Lock:
        """The lock of `key`, to be entered."""
        return self._locks.setdefault(key, threading.Lock())
