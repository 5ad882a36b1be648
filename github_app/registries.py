"""What the registries said last, so that a look at GitHub need not ask them again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from github_app.picture import Discovered, Discovery
from plugin.artifact import Repository
from plugin.pipeline import Warehouse


@dataclass(slots=True)
class Remembered:
    """Discoveries by warehouse; a failure is never remembered, a push makes one forgotten."""

    ask: Callable[[Warehouse], Discovery]
    _known: dict[Warehouse, Discovery] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def discover(self, warehouse: Warehouse) -> Discovery:
        """The warehouse's newest freight, asked of the registries unless nothing was pushed."""
        with self._lock:
            known = self._known.get(warehouse)
        if known is not None:
            return known
        found = self.ask(warehouse)
        if isinstance(found, Discovered):
            with self._lock:
                self._known[warehouse] = found
        return found

    def forget(self, repository: Repository) -> None:
        """Something was pushed there: ask again next time."""
        with self._lock:
            for warehouse in [one for one in self._known if repository in one.repositories]:
                del self._known[warehouse]

    def forget_all(self) -> None:
        """Ask everything again, as a sweep does."""
        with self._lock:
            self._known.clear()
