"""The slowness of a GitHub far away, for benches: so long per call, so long between writes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Latency:
    """`per_call` and `between_writes` in seconds; none by default."""

    per_call: float = 0.0
    between_writes: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next_write: float = 0.0

    def wait(self, *, writes: bool) -> None:
        """Hold the caller as long as the network and the write pace would."""
        pause = self.per_call + (self._turn() if writes and self.between_writes else 0.0)
        if pause > 0:
            self.sleep(pause)

    def _turn(self) -> float:
        with self._lock:
            now = self.monotonic()
            begins = max(now, self._next_write)
            self._next_write = begins + self.between_writes
            return begins - now
