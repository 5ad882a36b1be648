"""Works off the inbox: each claim becomes rounds; sweeps and wake-ups come through it too.

Nothing here is lost with the process: wake-up times are found again by the first sweep, which
looks at every repository, and deliveries wait in the inbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from github_app.claims import LONGEST_RETRY, pause_after, posts_of, subject_of
from github_app.events import (
    PUSH,
    ApplicationReported,
    ArtifactPosted,
    ButtonPressed,
    CommentMade,
    Event,
    FreightAsked,
    ImagePushed,
    InstallationChanged,
    RepositoryChanged,
    Told,
)
from github_app.inbox.ports import SWEEP, TOLD, WAKE, Claim, Crowded, Delivery, Inbox, StoreFull
from github_app.logs import about
from github_app.places import Directory, Places, by_number
from github_app.rounds import Place, Report
from github_app.tidying import Tidying
from plugin.artifact import ChartName, Repository, Watched
from plugin.errors import Refusal, Temporary

log = logging.getLogger(__name__)
_KEPT = timedelta(days=7)


def _nothing(_now: datetime) -> None:
    """Nobody is asked for lost webhooks."""


class Rounds(Protocol):
    """What is done about one repository."""

    def run(self, place: Place, posts: tuple[Told, ...] = ()) -> Report:
        """Bring one repository to where its pipeline files want it; `posts` came for it."""


@dataclass(slots=True)
class Worker:
    """One thread's work; `step` does one unit of it, so that a simulator can drive it too.

    `told` passes a registry's word on to whoever remembers that registry's answers, and
    `sent_again` has webhooks sent again that did not get through. What
    repositories watch and when they wake is kept by their ids, which renaming does not change.
    """

    inbox: Inbox
    rounds: Rounds
    directory: Directory
    told: Callable[[Repository, str | None], None]
    clock: Callable[[], datetime]
    sweep_every: timedelta
    tidying: Tidying
    places: Places = field(init=False)
    watched: dict[int, frozenset[Watched]] = field(default_factory=dict)
    wakes: dict[int, datetime] = field(default_factory=dict)
    said: dict[int, tuple[str, ...]] = field(default_factory=dict)
    next_sweep: datetime | None = None
    swept: bool = False
    sent_again: Callable[[datetime], object] = field(default=_nothing)

    def __post_init__(self) -> None:
        self.places = Places(self.directory)

    def step(self) -> bool:
        """Do one unit of work; False if there is none now."""
        self._sweep_if_due()
        self._wake_if_due()
        claim = self.inbox.claim(self.clock())
        if claim is None:
            self.swept = True
            self.tidying.one(self.places.every(), self.clock())
            return False
        with about(delivery=claim.delivery):
            self._work(claim)
        return True

    def idle_until(self) -> datetime:
        """When there will be work again, if nothing arrives."""
        times = [self.next_sweep, self.inbox.wake_at(), *self.wakes.values()]
        return min((one for one in times if one is not None), default=self.clock())

    def _work(self, claim: Claim) -> None:
        """Act on a claim and give it back, whatever happens: it is finished, or tried again."""
        again: timedelta | None = None
        reason = ""
        try:
            self._act(claim)
        except Temporary as error:
            log.warning("%s again later: %s", subject_of(claim), error)
            again, reason = max(error.after, pause_after(claim)), str(error)
        except Refusal as refusal:
            # The next sweep or delivery looks anew; but what was posted nobody says again.
            log.warning("%s refused: %s", subject_of(claim), refusal)
            if posts_of(claim):
                again, reason = pause_after(claim), str(refusal)
        except Exception as error:
            # A bug must not stop the other repositories; the row dies visibly after some tries.
            log.exception("%s: a bug", subject_of(claim))
            again, reason = pause_after(claim), f"bug: {error!r}"
        if again is None:
            self.inbox.finish(claim)
        else:
            self.inbox.retry(claim, self.clock() + again, reason)

    def _act(self, claim: Claim) -> None:
        """Look at a repository, or ask in the inbox for looks at several, each a claim of its own.

        So one repository in trouble keeps no other waiting, and nobody looks at one twice at once.
        """
        ask = by_number(place for one in claim.events for place in self._concerned(one))
        look = by_number(place for one in claim.events for place in self._meant(one, claim.since))
        for number, place in ask.items():
            if number not in look:
                self._ask_for(place, TOLD, f"{claim.delivery}/{claim.token}/{number}")
        for at, place, told in self.places.passed_on(claim.events):
            self._ask_for(place, TOLD, f"{claim.delivery}/{claim.token}/{at}/{place.number}", told)
        for place in look.values():
            with about(repository=place.repository):
                self._look_at(place, posts_of(claim))

    def _meant(self, event: Event, since: datetime) -> Iterable[Place]:
        """The repository that an event is about, if it is about one."""
        match event:
            case (
                RepositoryChanged(repository=name)
                | CommentMade(repository=name)
                | ButtonPressed(repository=name)
            ):
                # GitHub sends it from where the App is installed alone.
                return self._place(name, list_anew=self.places.named(name) is None)
            case (
                ArtifactPosted(repository=name)
                | FreightAsked(repository=name)
                | ApplicationReported(repository=name)
            ):
                list_anew = self.places.may_miss(name, since, self.clock())
                return self._place(name, list_anew=list_anew)
            case ImagePushed() | InstallationChanged():
                return ()

    def _concerned(self, event: Event) -> Iterable[Place]:
        """The repositories that an event from elsewhere concerns."""
        match event:
            case RepositoryChanged(repository=name, why=why):
                watching = self._watching(self.directory.git(name)) if why.startswith(PUSH) else []
                return (*watching, *self.places.concerned(event))
            case ImagePushed(repository, tag):
                self.told(repository, tag)
                return self._watching(repository, ChartName.parse(f"oci://{repository}"))
            case InstallationChanged(installation):
                self._list_places()
                return self.places.of(installation)
            case _:
                return ()

    def _look_at(self, place: Place, posts: tuple[Told, ...]) -> None:
        report = self.rounds.run(place, posts)
        self.watched[place.number] = report.watched
        self.places.targets[place.number] = report.targets
        self._say(place, report.without_freight)
        self.wakes.pop(place.number, None)
        if report.wake_at is not None:
            self.wakes[place.number] = report.wake_at
        if troubles := report.applied.troubles():
            raise Temporary("; ".join(one.what for one in troubles))
        if report.unheard:
            raise Temporary(report.unheard, LONGEST_RETRY)
        if report.refresh:
            self._refresh(place, report.watched)

    def _refresh(self, place: Place, watched: Iterable[Watched]) -> None:
        """Nothing that registries answered before counts when the repository is looked at again."""
        for subject in watched:
            if isinstance(subject, Repository):
                self.told(subject, None)
        self._ask_for(place, TOLD, f"refresh-{place.number}-{self.clock().isoformat()}")

    def _say(self, place: Place, without_freight: tuple[str, ...]) -> None:
        """Why warehouses have nothing to offer, once each time that this changes."""
        before, self.said[place.number] = self.said.get(place.number, ()), without_freight
        for reason in sorted({*without_freight}.difference(before)):
            log.warning("%s", reason)

    def _watching(self, *subjects: Watched) -> list[Place]:
        """The repositories with a warehouse that watches one of the subjects."""
        numbers = [number for number, mine in self.watched.items() if not mine.isdisjoint(subjects)]
        return [place for place in map(self.places.numbered, numbers) if place is not None]

    def _place(self, repository: str, *, list_anew: bool) -> tuple[Place, ...]:
        """The repository if the App is installed there: GitHub's list says so, not a delivery."""
        if list_anew:
            self._list_places()
        place = self.places.named(repository)
        if place is None:
            log.info("%s is not there, archived, or the App is not installed in it", repository)
            return ()
        return (place,)

    def _list_places(self) -> None:
        self.places.refresh(self.clock())
        known = {one.number for one in self.places.every()}
        gone = {*self.watched, *self.wakes, *self.said} - known
        for number in gone:
            for kept in (self.watched, self.wakes, self.said):
                kept.pop(number, None)
        self.tidying.forget(gone)

    def _sweep_if_due(self) -> None:
        """Look at everything now and then: this alone repairs any number of lost webhooks."""
        now = self.clock()
        if self.next_sweep is not None and now < self.next_sweep:
            return
        self.next_sweep = now + self.sweep_every
        try:
            self._list_places()
            self.sent_again(now)
        except (Temporary, Refusal) as error:
            log.warning("GitHub could not be listed: %s", error)
        self.inbox.purge(now - _KEPT)
        for place in self.places.every():
            self._ask_for(place, SWEEP, f"{place.number}-{now.isoformat()}")

    def _wake_if_due(self) -> None:
        now = self.clock()
        for number in [number for number, at in self.wakes.items() if at <= now]:
            place, at = self.places.numbered(number), self.wakes[number]
            if place is not None:
                self._ask_for(place, WAKE, f"{number}-{at.isoformat()}")
            del self.wakes[number]

    def _ask_for(self, place: Place, source: str, guid: str, told: Told | None = None) -> None:
        event = told or RepositoryChanged(place.installation, place.repository, source)
        answer = self.inbox.accept(Delivery(source, guid, source, self.clock(), (event,)))
        if isinstance(answer, StoreFull | Crowded):
            raise Temporary(f"{place.repository} cannot be put down for a look: {answer.reason}")
