"""How much time a repository may cost: who takes too much is left alone for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from github_app.github.mirror.bounds import TooLong, TooMuch
from plugin.errors import Temporary

Monotonic = Callable[[], float]

# Seconds of one worker's time that a question may take at once, and in the long run.
_AT_ONCE = 180.0
_SHARE = 0.05
_FIRST_REST, _LONGEST_REST = 60.0, 3600.0
_FORGOTTEN_AFTER = 3600.0
_MOST_KEPT = 1000


class Allowance:
    """The time that one question may cost; any thread may spend it.

    After an answer that went over a bound, or three minutes spent at once, nobody asks again for
    a minute; then for two, four and so on up to an hour. An hour of good behaviour is a new start.
    """

    def __init__(self, whose: str, clock: Monotonic) -> None:
        self._whose = whose
        self._clock = clock
        self._lock = threading.Lock()
        self._spent, self._spent_at = 0.0, clock()
        self._rests = 0
        self._until = clock()
        self._reason = ""

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Time spent here is counted; raises Temporary, at once, where nobody is to ask."""
        self._check()
        began, reason = self._clock(), ""
        try:
            yield
        except TooMuch as error:
            reason = str(error)
            raise
        except TooLong as error:
            reason = str(error)
            error.after = timedelta(seconds=self._next_rest())
            raise
        finally:
            self._count(self._clock() - began, reason)

    @property
    def forgotten(self) -> bool:
        """Whether a new one would be no different."""
        return self._clock() > max(self._until, self._spent_at) + _FORGOTTEN_AFTER

    def _check(self) -> None:
        left = self._until - self._clock()
        if left > 0:
            raise Temporary(
                f"{self._whose} is asked again in {max(round(left / 60), 1)} min, as it cost too"
                f" much: {self._reason}",
                timedelta(seconds=left),
            )

    def _next_rest(self) -> float:
        if self._clock() >= self._until + _FORGOTTEN_AFTER:
            self._rests = 0
        return float(min(_FIRST_REST * 2**self._rests, _LONGEST_REST))

    def _count(self, seconds: float, reason: str) -> None:
        with self._lock:
            now = self._clock()
            drained = _SHARE * (now - self._spent_at)
            self._spent, self._spent_at = max(self._spent - drained, 0.0) + seconds, now
            if not reason and self._spent <= _AT_ONCE:
                return
            self._spent, self._until = 0.0, now + self._next_rest()
            self._rests += 1
            self._reason = reason or f"more than {_AT_ONCE:g} s of work at once"


class Allowances:
    """The allowances of one repository, by what is asked: one question does not spend another's."""

    def __init__(self, whose: str, clock: Monotonic) -> None:
        self._whose = whose
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Hashable, Allowance] = {}

    @contextmanager
    def spending(self, question: Hashable) -> Iterator[None]:
        """See `Allowance.spending`."""
        with self._of(question).spending():
            yield

    def _of(self, question: Hashable) -> Allowance:
        with self._lock:
            if question not in self._known:
                if len(self._known) >= _MOST_KEPT:
                    kept = {key: one for key, one in self._known.items() if not one.forgotten}
                    self._known = kept
                self._known[question] = Allowance(self._whose, self._clock)
            return self._known[question]
