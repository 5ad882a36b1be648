"""When GitHub may be asked again: the window a rate limit closes, and for how long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from github_app.github.answers import RestAnswer, UnknownOutcome, executed_nothing, named_wait
from plugin.errors import Temporary

_FIRST_WAIT = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=1)
_MOST_DOUBLINGS = 10


class Window:
    """Closed by a limit until the time GitHub named, or ever longer where it named none.

    Going on regardless can get an App banned:
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """

    def __init__(self, whose: str, clock: Callable[[], datetime]) -> None:
        self._whose = whose
        self._clock = clock
        self._lock = threading.Lock()
        self._until: datetime | None = None
        self._strikes = 0

    def check(self) -> None:
        """Temporary, with the time that is left, while the window is closed."""
        until, now = self._until, self._clock()
        if until is not None and now < until:
            raise Temporary(self._text(until), until - now)

    def worked(self) -> None:
        """GitHub answered: the next limit starts from the shortest wait."""
        with self._lock:
            self._strikes = 0

    def closed_by(self, answer: RestAnswer, *, writes: bool) -> Temporary:
        """What to raise for a limit; UnknownOutcome when it struck in the middle of a document."""
        now = self._clock()
        with self._lock:
            growing = min(_FIRST_WAIT * 2 ** min(self._strikes, _MOST_DOUBLINGS), _LONGEST_WAIT)
            self._strikes += 1
            until = now + (named_wait(answer, now) or growing)
            self._until = until = max(until, self._until or until)
        # What a document's first mutations did stays done.
        partial = writes and answer.status == 200 and not executed_nothing(answer)
        return (UnknownOutcome if partial else Temporary)(self._text(until), until - now)

    def _text(self, until: datetime) -> str:
        return (
            f"GitHub's rate limit for {self._whose} is reached:"
            f" nothing is asked before {until:%Y-%m-%d %H:%M:%SZ}"
        )
