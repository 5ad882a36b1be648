"""Hosts that asked to be left alone, and until when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.errors import Temporary


@dataclass(frozen=True, slots=True)
class _Rest:
    until: datetime
    why: str


class Rests:
    """Who is left alone, for many threads; a host that is not asks for nothing."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._resting: dict[str, _Rest] = {}
        self._lock = threading.Lock()

    def check(self, host: str) -> None:
        """Nothing, if the host may be asked; else raises Temporary with the time that is left."""
        now = self._clock()
        with self._lock:
            rest = self._resting.get(host)
            if rest is not None and now < rest.until:
                raise Temporary(rest.why, rest.until - now)
            self._resting.pop(host, None)

    def begin(self, host: str, after: timedelta, why: str) -> None:
        """Leave the host alone for so long, unless it is for longer already."""
        until = self._clock() + after
        with self._lock:
            known = self._resting.get(host)
            if known is None or known.until < until:
                self._resting[host] = _Rest(until, why)

    @contextmanager
    def kept(self, host: str) -> Iterator[None]:
        """A question to the host, who rests when it is too busy for it."""
        self.check(host)
        try:
            yield
        except Temporary as busy:
            self.begin(host, busy.after, str(busy))
            raise
