"""What is held on disk is kept small, a day apart, while nothing else is to be done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from github_app.logs import about
from github_app.rounds import Place
from plugin.errors import Refusal, Temporary

log = logging.getLogger(__name__)
_EVERY = timedelta(days=1)
# Repositories have numbers from 1 on.
_SHARED = 0


@dataclass(slots=True)
class Tidying:
    """One thing at a time: a repository's mirror, or what all repositories `shared`."""

    own: Callable[[Place], None]
    shared: Callable[[], None]
    _done: dict[int, datetime] = field(default_factory=dict)

    def one(self, places: Iterable[Place], now: datetime) -> None:
        """The first that has waited for a day since it was seen or tidied."""
        for place in places:
            if self._is_due(place.number, now):
                with about(repository=place.repository):
                    _tidied(partial(self.own, place))
                return
        if self._is_due(_SHARED, now):
            _tidied(self.shared)

    def forget(self, gone: Iterable[int]) -> None:
        """These repositories are no longer ours."""
        for number in gone:
            self._done.pop(number, None)

    def _is_due(self, number: int, now: datetime) -> bool:
        due = self._done.setdefault(number, now) + _EVERY <= now
        if due:
            self._done[number] = now
        return due


def _tidied(tidy: Callable[[], None]) -> None:
    try:
        tidy()
    except (Temporary, Refusal) as error:
        log.warning("not tidied: %s", error)
