"""Whom to leave alone: a repository that was busy, and its host when that keeps us waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from github_app.guarded_http.rests import Rests
from github_app.remembering import Remembered
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary

_SLOW = timedelta(seconds=5)
_SEVERAL = 3
_SHORT = timedelta(seconds=30)
_MOST_HOSTS = 1000


class Busy:
    """Questions to repositories, of which a busy one rests for as long as it asked.

    Many share a host, and one that always fails must not silence the others. A host that is down
    answers nobody, each time after a long wait: when several of its repositories kept us waiting
    and none has answered in between, it rests for half a minute.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._rests = Rests(clock)
        self._slow: Remembered[str, set[Repository]] = Remembered(_MOST_HOSTS)

    @contextmanager
    def kept(self, repository: Repository) -> Iterator[None]:
        """A question to the repository; raises Temporary instead while it rests."""
        host, began = repository.host, self._clock()
        self._rests.check(host)
        try:
            with self._rests.kept(str(repository)):
                yield
        except Temporary as busy:
            if self._clock() - began >= _SLOW:
                self._count(repository, busy.after)
            raise
        except Refusal:
            self._slow_ones(host).clear()
            raise
        self._slow_ones(host).clear()

    def _count(self, repository: Repository, after: timedelta) -> None:
        """One more that kept us waiting."""
        slow = self._slow_ones(repository.host)
        slow.add(repository)
        if len(slow) >= _SEVERAL:
            slow.clear()
            # Without a word of whose question it was: others read this, too.
            text = f"{repository.host} keeps us waiting"
            self._rests.begin(repository.host, min(after, _SHORT), text)

    def _slow_ones(self, host: str) -> set[Repository]:
        """The host's repositories that kept us waiting since it answered last."""
        return self._slow[host] if host in self._slow else self._slow.keep(host, set())
