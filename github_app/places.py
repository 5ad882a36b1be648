"""The repositories the App is installed in, as GitHub last listed them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from github_app.events import (
    ApplicationReported,
    ButtonPressed,
    CommentMade,
    Event,
    RepositoryChanged,
    Told,
)
from github_app.inbox.ports import OWN
from github_app.rounds import Place
from plugin.artifact import GitRepository
from plugin.errors import Refusal, Temporary

log = logging.getLogger(__name__)
_BETWEEN_NAMES = timedelta(minutes=1)


def by_number(places: Iterable[Place]) -> dict[int, Place]:
    """Each once, by the id that renaming does not change."""
    return {one.number: one for one in places}


class Directory(Protocol):
    """Where the App is installed, asked of GitHub at each call."""

    def installations(self) -> tuple[int, ...]:
        """The installations that are not suspended."""

    def places_of(self, installation: int) -> tuple[Place, ...]:
        """The repositories of one installation."""

    def git(self, repository: str) -> GitRepository:
        """`owner/name` as a Git subscription names it."""


@dataclass(slots=True)
class Places:
    """The list, asked for anew when somebody says that it is stale.

    `targets` are, by a repository's id, those of others that its pipelines' stages live in.
    """

    directory: Directory
    _known: dict[int, tuple[Place, ...]] = field(default_factory=dict)
    targets: dict[int, frozenset[int]] = field(default_factory=dict)
    _listed_at: datetime | None = None
    _asked_at: datetime | None = None

    def refresh(self, now: datetime | None = None) -> None:
        """List everything, `now`; an installation in trouble stops no other one."""
        before = self._known
        self._known = {
            one: self._listed(one, before.get(one, ())) for one in self.directory.installations()
        }
        self._listed_at = now
        known = {one.number for one in self.every()}
        self.targets = {number: of for number, of in self.targets.items() if number in known}

    def may_miss(self, repository: str, since: datetime, now: datetime) -> bool:
        """Whether a list made now may have what was posted about at `since`, and ours has not.

        CI can post about repositories that do not exist, so GitHub is asked because of a post once
        a minute; raises Temporary until it may be. A list made since then has the last word.
        """
        fresh = self._listed_at is not None and since < self._listed_at
        if fresh or self.named(repository) is not None:
            return False
        if self._asked_at is not None and now < self._asked_at + _BETWEEN_NAMES:
            left = self._asked_at + _BETWEEN_NAMES - now
            raise Temporary(f"{repository} is unknown, and GitHub was just asked", left)
        self._asked_at = now
        return True

    def _listed(self, installation: int, before: tuple[Place, ...]) -> tuple[Place, ...]:
        try:
            return self.directory.places_of(installation)
        except Temporary as error:
            log.warning("installation %d keeps its repositories: %s", installation, error)
            return before
        except Refusal as refusal:
            log.warning("installation %d has no repositories: %s", installation, refusal)
            return ()

    def every(self) -> tuple[Place, ...]:
        """All of them."""
        return tuple(place for places in self._known.values() for place in places)

    def of(self, installation: int) -> tuple[Place, ...]:
        """Those of one installation."""
        return self._known.get(installation, ())

    def named(self, repository: str) -> Place | None:
        """The one called `owner/name`; GitHub's names have no case."""
        wanted = repository.lower()
        return next((one for one in self.every() if one.repository.lower() == wanted), None)

    def neighbour(self, place: Place, repository: str) -> Place | None:
        """`owner/name`, if the installation of `place` has it, too.

        What another installation may see belongs to somebody else.
        """
        wanted = repository.lower()
        mine = self.of(place.installation)
        return next((one for one in mine if one.repository.lower() == wanted), None)

    def numbered(self, number: int) -> Place | None:
        """The one with GitHub's id, whatever it is called now."""
        return next((one for one in self.every() if one.number == number), None)

    def promoting_to(self, repository: str) -> list[Place]:
        """The repositories with a stage that lives in this other one, of the same installation."""
        there = self.named(repository)
        if there is None:
            return []
        numbers = [number for number, mine in self.targets.items() if there.number in mine]
        found = [place for place in map(self.numbered, numbers) if place is not None]
        return [one for one in found if one.installation == there.installation]

    def concerned(self, event: RepositoryChanged) -> list[Place]:
        """The repositories with stages where something happened; a look of ours is nothing."""
        return [] if event.why in OWN else self.promoting_to(event.repository)

    def passed_on(self, events: Iterable[Event]) -> Iterator[tuple[int, Place, Told]]:
        """What is said of a promotion is for the pipeline that made it: its event, where, what."""
        for at, event in enumerate(events):
            match event:
                case (
                    CommentMade(repository=name)
                    | ButtonPressed(repository=name)
                    | ApplicationReported(repository=name)
                ):
                    for place in self.promoting_to(name):
                        yield at, place, replace(event, repository=place.repository)
                case _:
                    pass
