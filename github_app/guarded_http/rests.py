"""Who asked to be left alone, and until when: hosts, repositories, addresses."""

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
    """Who is left alone, for many threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._resting: dict[str, _Rest] = {}
        self._lock = threading.Lock()

    def check(self, *whom: str) -> None:
        """Nothing, if all may be asked; else raises Temporary with the time that is left."""
        now = self._clock()
        with self._lock:
            rests = [self._resting[one] for one in whom if one in self._resting]
        for rest in rests:
            if now < rest.until:
                raise Temporary(rest.why, rest.until - now)

    def begin(self, whom: str, after: timedelta, why: str) -> None:
        """Leave them alone for so long, unless it is for longer already."""
        now = self._clock()
        with self._lock:
            self._resting = {one: rest for one, rest in self._resting.items() if now < rest.until}
            known = self._resting.get(whom)
            if known is None or known.until < now + after:
                self._resting[whom] = _Rest(now + after, why)

    @contextmanager
    def kept(self, host: str) -> Iterator[None]:
        """A question to the host, who rests when it is too busy for it."""
        self.check(host)
        try:
            yield
        except Temporary as busy:
            self.begin(host, busy.after, str(busy))
            raise
