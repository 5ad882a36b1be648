"""A registry that remembers its last answers: nothing new costs (almost) no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from github_app.warehouse.ports import Registry, Resolved
from github_app.warehouse.rests import Rests
from plugin.artifact import Repository
from plugin.artifact.platform import Platform

_MANY = 10_000
_NEVER = datetime.min.replace(tzinfo=UTC)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long an answer counts as fresh.

    Tag lists, and tags that are expected to move: a little less than a sweep, so that each sweep
    reads each of them once. Images: longer. Once in that time a sweep does not list the tags of a
    repository but asks whether the image looked at longest ago is still behind its tag: so a
    version's tag that moves without a notification is noticed, and no sweep costs two requests.
    """

    tags: timedelta = timedelta(seconds=90)
    images: timedelta = timedelta(minutes=10)


class _Question(NamedTuple):
    """A tag as it was asked for; `dated` with the times of all images of an index."""

    tag: str
    platform: Platform | None
    dated: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer, when it was last true, and when it was last of use."""

    resolved: Resolved
    checked: datetime
    used: datetime


@dataclass(slots=True)
class _Place:
    """What is remembered of one repository; `listed` is None where nobody asks for its tags."""

    used: datetime
    tags: tuple[str, ...] = ()
    listed: datetime | None = None
    looked: datetime = _NEVER
    images: dict[_Question, _Known] = field(default_factory=dict)

    def forget(self, tag: str | None) -> None:
        """No image of that tag is known any more; of no tag at all, if it is None."""
        self.keep(lambda question, _: tag is not None and question.tag != tag)

    def keep(self, test: Callable[[_Question, _Known], bool]) -> None:
        """Only the images for which the test holds are remembered."""
        self.images = {one: known for one, known in self.images.items() if test(one, known)}


class RememberingRegistry:
    """The port `Registry` over another one, asking it only for what is not known and fresh.

    A host that was busy is left alone for as long as it asked, whichever repository is meant.
    For one thread.
    """

    def __init__(
        self, registry: Registry, clock: Callable[[], datetime], freshness: Freshness | None = None
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._freshness = freshness or Freshness()
        self._places: dict[Repository, _Place] = {}
        self._rests = Rests(clock)

    def told(self, repository: Repository, tag: str | None) -> None:
        """Take a registry's word for where to look: it has this tag now, or (None) anything.

        Only the tag's name is believed, and only as a candidate: what stands behind it, and
        whether it is there at all, is asked.
        """
        place = self._place(repository)
        place.forget(tag)
        if tag is None:
            place.listed = None
        elif tag not in place.tags:
            place.tags = (*place.tags, tag)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag of the repository, as last listed and told."""
        repository, place, now = repository.plain, self._place(repository), self._clock()
        if place.listed is None or not (self._fresh(place.looked) or self._patrolled(repository)):
            listed = self._asked(repository, lambda: self._registry.tags(repository))
            if listed != place.tags:
                place.tags = listed
            place.listed = place.looked = now
            there = frozenset(listed)
            # A tag that is gone may come back as something else.
            place.keep(lambda one, known: one.tag in there and not self._old(known.used))
        return place.tags

    def resolve(
        self,
        repository: Repository,
        tag: str,
        platform: Platform | None = None,
        *,
        moves: bool = False,
    ) -> Resolved | None:
        """What stands behind the tag; a tag that is not there is asked for every time."""
        repository, question = repository.plain, _Question(tag, platform)
        known = self._remembered(repository, question, moves=moves)
        if known is not None:
            return known
        found = self._asked(
            repository, lambda: self._registry.resolve(repository, tag, platform, moves=moves)
        )
        self._keep(repository, question, found)
        return found

    def dated(
        self, repository: Repository, tags: Sequence[str], platform: Platform | None = None
    ) -> Mapping[str, Resolved]:
        """What stands behind each tag that is there, with the newest time of all its images."""
        repository = repository.plain
        questions = {tag: _Question(tag, platform, dated=True) for tag in tags}
        known = {tag: self._remembered(repository, one) for tag, one in questions.items()}
        new = [tag for tag, one in known.items() if one is None]
        if new:
            found = self._asked(repository, lambda: self._registry.dated(repository, new, platform))
            for tag in new:
                self._keep(repository, questions[tag], found.get(tag))
            known |= found
        return {tag: one for tag, one in known.items() if one is not None}

    def digest(self, repository: Repository, tag: str) -> str | None:
        """The digest the registry claims for the tag now: never remembered."""
        repository = repository.plain
        return self._asked(repository, lambda: self._registry.digest(repository, tag))

    def _remembered(
        self, repository: Repository, question: _Question, *, moves: bool = False
    ) -> Resolved | None:
        """What is known, if it can be trusted: where nobody lists tags the tag is asked again."""
        place = self._place(repository)
        known = place.images.get(question)
        if known is None:
            return None
        place.images[question] = replace(known, used=self._clock())
        followed = moves or place.listed is None
        if followed and not self._fresh(known.checked):
            return known.resolved if self._unmoved(repository, question) else None
        return known.resolved

    def _patrolled(self, repository: Repository) -> bool:
        """Whether it was an image's turn instead of the list's, and the image is the same."""
        place = self._place(repository)
        in_use = {
            one: known
            for one, known in place.images.items()
            if place.listed is not None and known.used >= place.listed
        }
        oldest = min(in_use, key=lambda one: in_use[one].checked, default=None)
        turn = place.looked == place.listed
        if oldest is None or not turn or not self._old(in_use[oldest].checked):
            return False
        place.looked = self._clock()
        return self._unmoved(repository, oldest)

    def _unmoved(self, repository: Repository, question: _Question) -> bool:
        """Whether the tag still has its digest: one request, no body; else it is forgotten."""
        place, same = self._place(repository), self.digest(repository, question.tag)
        if place.images[question].resolved.digest != same:
            place.forget(question.tag)
            return False
        for one, known in place.images.items():
            if one.tag == question.tag:
                place.images[one] = replace(known, checked=self._clock())
        return True

    def _keep(self, repository: Repository, question: _Question, resolved: Resolved | None) -> None:
        if resolved is not None:
            now = self._clock()
            self._place(repository).images[question] = _Known(resolved, now, now)

    def _place(self, repository: Repository) -> _Place:
        """What is known of the repository; the memory is kept small, warehouses come and go."""
        now = self._clock()
        if repository.plain not in self._places and len(self._places) >= _MANY:
            oldest = min(self._places, key=lambda one: self._places[one].used)
            self._places.pop(oldest)
        place = self._places.setdefault(repository.plain, _Place(now))
        place.used = now
        return place

    def _fresh(self, at: datetime) -> bool:
        return self._clock() - at < self._freshness.tags

    def _old(self, at: datetime) -> bool:
        return self._clock() - at >= self._freshness.images

    def _asked(self, repository: Repository, question: Callable[[], T]) -> T:
        with self._rests.kept(repository.host):
            return question()
