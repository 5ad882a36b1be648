"""The thread the worker lives in: it works while there is work, and sleeps until there is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from github_app.worker import Worker

log = logging.getLogger(__name__)
# A delivery wakes the thread; a replay from the command line is found after this time at most.
_LONGEST_SLEEP = 30.0
_SHORTEST_SLEEP = 0.05


@dataclass(slots=True)
class WorkerThread:
    """Starts, wakes and stops a worker."""

    worker: Worker
    clock: Callable[[], datetime]
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def start(self) -> None:
        """Begin, with a sweep."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish the unit of work under way, then end."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            if not self._stepped():
                left = (self.worker.idle_until() - self.clock()).total_seconds()
                self._wake.wait(min(max(left, _SHORTEST_SLEEP), _LONGEST_SLEEP))

    def _stepped(self) -> bool:
        try:
            return self.worker.step()
        except Exception:
            # The worker must outlive whatever surprised it; the sweep repairs what was lost.
            log.exception("the worker stumbled")
            self._wake.wait(1.0)
            return False
