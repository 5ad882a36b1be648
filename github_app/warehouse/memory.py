"""A registry that remembers its last answers: nothing new costs (almost) no request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from github_app.warehouse.ports import Registry, Resolved
from plugin.artifact import Repository
from plugin.errors import Temporary

_MANY = 10_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long an answer counts as fresh.

    Tag lists: a little less than a sweep, so that each sweep reads each list once. Images: longer;
    a version's tag that moves without a notification is noticed after that time at the latest.
    Where nobody lists tags one tag is followed by its digest, and looked at every sweep.
    """

    tags: timedelta = timedelta(seconds=90)
    images: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Rest:
    until: datetime
    why: str


class RememberingRegistry:
    """The port `Registry` over another one, asking it only for what is not known and fresh.

    A host that was busy is left alone for as long as it asked, whichever repository is meant.
    """

    def __init__(
        self, registry: Registry, clock: Callable[[], datetime], freshness: Freshness | None = None
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._freshness = freshness or Freshness()
        self._tags: dict[Repository, tuple[datetime, tuple[str, ...]]] = {}
        self._images: dict[tuple[Repository, str], tuple[datetime, Resolved]] = {}
        self._resting: dict[str, _Rest] = {}

    def told(self, repository: Repository, tag: str | None) -> None:
        """Take a registry's word for where to look: it has this tag now, or (None) anything.

        Only the tag's name is believed, and only as a candidate: what stands behind it, and
        whether it is there at all, is asked.
        """
        known = self._tags.get(repository)
        if tag is None or known is None:
            self._tags.pop(repository, None)
        elif tag not in known[1]:
            self._tags[repository] = (known[0], (*known[1], tag))
        for one in [one for one in self._images if one[0] == repository and tag in {None, one[1]}]:
            self._images.pop(one, None)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag of the repository, as last listed and told."""
        known = self._tags.get(repository)
        now = self._clock()
        if known is not None and now - known[0] < self._freshness.tags:
            return known[1]
        listed = self._asked(repository, lambda: self._registry.tags(repository))
        self._tags[repository] = (now, listed)
        return listed

    def resolve(self, repository: Repository, tag: str) -> Resolved | None:
        """What stands behind the tag; a tag that is not there is asked for every time."""
        known = self._images.get((repository, tag))
        if known is not None and self._still_true(repository, tag, known):
            return known[1]
        self._images.pop((repository, tag), None)
        resolved = self._asked(repository, lambda: self._registry.resolve(repository, tag))
        if resolved is not None:
            now = self._clock()
            self._forget_old(now)
            self._images[(repository, tag)] = (now, resolved)
        return resolved

    def digest(self, repository: Repository, tag: str) -> str | None:
        """The digest the registry claims for the tag now: never remembered."""
        return self._asked(repository, lambda: self._registry.digest(repository, tag))

    def _still_true(
        self, repository: Repository, tag: str, known: tuple[datetime, Resolved]
    ) -> bool:
        """Whether the answer is fresh, or the tag has not moved since: one request, no body."""
        now = self._clock()
        age = self._freshness.images if repository in self._tags else self._freshness.tags
        if now - known[0] < age:
            return True
        if self.digest(repository, tag) != known[1].digest:
            return False
        self._images[(repository, tag)] = (now, known[1])
        return True

    def _asked(self, repository: Repository, question: Callable[[], T]) -> T:
        now = self._clock()
        rest = self._resting.get(repository.host)
        if rest is not None and now < rest.until:
            raise Temporary(rest.why, rest.until - now)
        try:
            return question()
        except Temporary as busy:
            self._resting[repository.host] = _Rest(now + busy.after, str(busy))
            raise

    def _forget_old(self, now: datetime) -> None:
        """Keep the memory small: warehouses see new tags for years."""
        if len(self._images) < _MANY:
            return
        for one, (at, _) in list(self._images.items()):
            if now - at >= self._freshness.images:
                self._images.pop(one, None)
