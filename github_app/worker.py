"""Works off the inbox: each claim becomes rounds; sweeps and wake-ups come through it too.

Nothing here is lost with the process: wake-up times are found again by the first sweep, which
looks at every repository, and deliveries wait in the inbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, assert_never

from github_app.events import Event, ImagePushed, InstallationChanged, RepositoryChanged
from github_app.inbox.ports import Claim, Delivery, Inbox
from github_app.logs import about
from github_app.rounds import Place, Rounds
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary

log = logging.getLogger(__name__)
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=10)
_KEPT = timedelta(days=7)


class Directory(Protocol):
    """Every repository the App is installed in, as GitHub lists them."""

    def places(self) -> tuple[Place, ...]:
        """The repositories, asked of GitHub now."""


@dataclass(slots=True)
class Worker:
    """One thread's work; `step` does one unit of it, so that a simulator can drive it too.

    `told` passes a registry's word on to whoever remembers that registry's answers.
    """

    inbox: Inbox
    rounds: Rounds
    directory: Directory
    told: Callable[[Repository, str | None], None]
    clock: Callable[[], datetime]
    sweep_every: timedelta
    places: dict[str, Place] = field(default_factory=dict)
    watched: dict[str, frozenset[Repository]] = field(default_factory=dict)
    wakes: dict[str, datetime] = field(default_factory=dict)
    next_sweep: datetime | None = None
    swept: bool = False

    def step(self) -> bool:
        """Do one unit of work; False if there is none now."""
        self._sweep_if_due()
        self._wake_if_due()
        claim = self.inbox.claim(self.clock())
        if claim is None:
            self.swept = True
            return False
        with about(delivery=claim.delivery):
            self._work(claim)
        return True

    def idle_until(self) -> datetime:
        """When there will be work again, if nothing arrives."""
        times = [self.next_sweep, self.inbox.wake_at(), *self.wakes.values()]
        return min((one for one in times if one is not None), default=self.clock())

    def _work(self, claim: Claim) -> None:
        try:
            for place in self._places_of(claim.events):
                self._look_at(place)
        except Temporary as error:
            log.warning("again later: %s", error)
            self.inbox.retry(claim, self.clock() + max(error.after, _pause(claim)), str(error))
        except Refusal as refusal:
            log.warning("refused: %s", refusal)
            self.inbox.finish(claim)
        except Exception as error:
            # A bug must not stop the other repositories; the row dies visibly after some tries.
            log.exception("a bug")
            self.inbox.retry(claim, self.clock() + _pause(claim), f"bug: {error!r}")
        else:
            self.inbox.finish(claim)

    def _look_at(self, place: Place) -> None:
        with about(repository=place.repository):
            report = self.rounds.run(place)
        self.watched[place.repository] = report.images
        self.wakes.pop(place.repository, None)
        if report.wake_at is not None:
            self.wakes[place.repository] = report.wake_at

    def _places_of(self, events: Iterable[Event]) -> list[Place]:
        """The repositories the events ask to look at, each once."""
        found: dict[str, Place] = {}
        for event in events:
            for place in self._asked(event):
                found[place.repository] = place
        return list(found.values())

    def _asked(self, event: Event) -> Iterator[Place]:
        match event:
            case RepositoryChanged(repository=repository):
                yield from self._place(repository)
            case ImagePushed(repository, tag):
                self.told(repository, tag)
                for name, images in self.watched.items():
                    if repository in images:
                        yield from self._place(name)
            case InstallationChanged(installation):
                self._list_places()
                for place in self.places.values():
                    if place.installation == installation:
                        yield place
            case _:
                assert_never(event)

    def _place(self, repository: str) -> Iterator[Place]:
        """The repository if the App is installed there: GitHub's list says so, not a delivery."""
        if repository.lower() not in self.places:
            self._list_places()
        place = self.places.get(repository.lower())
        if place is not None:
            yield place

    def _list_places(self) -> None:
        self.places = {one.repository.lower(): one for one in self.directory.places()}
        gone = [name for name in self.watched if name.lower() not in self.places]
        for name in gone:
            del self.watched[name]
            self.wakes.pop(name, None)

    def _sweep_if_due(self) -> None:
        """Look at everything now and then: this alone repairs any number of lost webhooks."""
        now = self.clock()
        if self.next_sweep is not None and now < self.next_sweep:
            return
        self.next_sweep = now + self.sweep_every
        try:
            self._list_places()
        except (Temporary, Refusal) as error:
            log.warning("GitHub could not be listed: %s", error)
        self.inbox.purge(now - _KEPT)
        for place in self.places.values():
            self._ask_for(place, "sweep", now)

    def _wake_if_due(self) -> None:
        now = self.clock()
        for name in [name for name, at in self.wakes.items() if at <= now]:
            at = self.wakes.pop(name)
            place = self.places.get(name.lower())
            if place is not None:
                self._ask_for(place, "wake", at)

    def _ask_for(self, place: Place, source: str, at: datetime) -> None:
        event = RepositoryChanged(place.installation, place.repository, source)
        guid = f"{place.number}-{at.isoformat()}"
        self.inbox.accept(Delivery(source, guid, source, self.clock(), (event,)))


def _pause(claim: Claim) -> timedelta:
    """Twice as long after each try, up to a limit."""
    return min(_FIRST_RETRY * 2 ** min(claim.attempts - 1, 10), _LONGEST_RETRY)
