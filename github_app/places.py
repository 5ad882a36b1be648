"""The repositories the App is installed in, as GitHub last listed them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

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
    """The list, asked for anew when somebody says that it is stale."""

    directory: Directory
    _known: dict[int, tuple[Place, ...]] = field(default_factory=dict)
    _listed_at: datetime | None = None
    _asked_at: datetime | None = None

    def refresh(self, now: datetime | None = None) -> None:
        """List everything, `now`; an installation in trouble stops no other one."""
        before = self._known
        self._known = {
            one: self._listed(one, before.get(one, ())) for one in self.directory.installations()
        }
        self._listed_at = now

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

    def numbered(self, number: int) -> Place | None:
        """The one with GitHub's id, whatever it is called now."""
        return next((one for one in self.every() if one.number == number), None)
