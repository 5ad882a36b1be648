"""A registry that remembers its last answers: nothing new costs (almost) no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from github_app.remembering import Remembered
from github_app.warehouse.busy import Busy
from github_app.warehouse.ports import Registry, Resolved
from github_app.warehouse.repository_memory import Question, RepositoryMemory
from plugin.artifact import Repository
from plugin.artifact.platform import Platform

# As many tags, of all repositories together; 10,000 repositories with few.
_MOST = 1_000_000
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


class RememberingRegistry:
    """The port `Registry` over another one, asking it only for what is not known and fresh.

    A repository that was busy is left alone for as long as it asked. Only repositories that
    somebody asks for are remembered, the longest unused ones the least. For one thread.
    """

    def __init__(
        self, registry: Registry, clock: Callable[[], datetime], freshness: Freshness | None = None
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._freshness = freshness or Freshness()
        self._memories: Remembered[Repository, RepositoryMemory] = Remembered(_MOST)
        self._busy = Busy(clock)

    def told(self, repository: Repository, tag: str | None) -> None:
        """Take a registry's word for where to look: it has this tag now, or (None) anything.

        Only the tag's name is believed, and only as a candidate: what stands behind it, and
        whether it is there at all, is asked. A repository that nobody asks for is nobody's news.
        """
        if repository.plain not in self._memories:
            return
        memory = self._memory(repository)
        if tag is None:
            memory.forget_images()
            memory.doubt()
        else:
            memory.hear(tag)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """Every tag of the repository, as last listed and told."""
        repository, memory, now = repository.plain, self._memory(repository), self._clock()
        if memory.listed is None or not (self._fresh(memory.looked) or self._patrolled(repository)):
            listed = self._asked(repository, lambda: self._registry.tags(repository))
            memory.learn(listed, now)
            memory.forget_unused(now - self._freshness.images)
            self._memories.keep(repository, memory, memory.weight)
        return memory.tags

    def resolve(
        self,
        repository: Repository,
        tag: str,
        platform: Platform | None = None,
        *,
        moves: bool = False,
    ) -> Resolved | None:
        """What stands behind the tag; a tag that is not there is asked for every time."""
        repository, question = repository.plain, Question(tag, platform)
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
        questions = {tag: Question(tag, platform, dated=True) for tag in tags}
        known = {tag: self._remembered(repository, one) for tag, one in questions.items()}
        new = [tag for tag, one in known.items() if one is None]
        if new:
            found = self._asked(repository, lambda: self._registry.dated(repository, new, platform))
            for tag in new:
                self._keep(repository, questions[tag], found.get(tag))
            known |= found
        self._memory(repository).dated = True
        return {tag: one for tag, one in known.items() if one is not None}

    def digest(self, repository: Repository, tag: str) -> str | None:
        """The digest the registry claims for the tag now: never remembered."""
        repository = repository.plain
        return self._asked(repository, lambda: self._registry.digest(repository, tag))

    def _remembered(
        self, repository: Repository, question: Question, *, moves: bool = False
    ) -> Resolved | None:
        """What is known, if it can be trusted: where nobody lists tags the tag is asked again."""
        memory = self._memory(repository)
        known = memory.image(question)
        if known is None:
            return None
        memory.use(question, self._clock())
        followed = moves or memory.listed is None
        if followed and not self._fresh(known.checked):
            return known.resolved if self._unmoved(repository, question) else None
        return known.resolved

    def _patrolled(self, repository: Repository) -> bool:
        """Whether it was an image's turn instead of the list's, and the image is the same."""
        memory = self._memory(repository)
        in_use = {
            one: known.checked
            for one, known in memory.images()
            if memory.listed is not None and known.used >= memory.listed
        }
        oldest = min(in_use, key=in_use.__getitem__, default=None)
        turn = memory.looked == memory.listed
        if oldest is None or not turn or not self._old(in_use[oldest]):
            return False
        memory.looked = self._clock()
        return self._unmoved(repository, oldest)

    def _unmoved(self, repository: Repository, question: Question) -> bool:
        """Whether the tag still has its digest: one request, no body; else it is forgotten."""
        memory, same = self._memory(repository), self.digest(repository, question.tag)
        known = memory.image(question)
        if known is None or known.resolved.digest != same:
            memory.forget(question.tag)
            return False
        memory.confirm(question.tag, self._clock())
        return True

    def _keep(self, repository: Repository, question: Question, resolved: Resolved | None) -> None:
        memory = self._memory(repository)
        if resolved is None:
            memory.miss(question.tag)
        else:
            memory.keep(question, resolved, self._clock())

    def _memory(self, repository: Repository) -> RepositoryMemory:
        """What is known of the repository; the memory is kept small, warehouses come and go."""
        repository = repository.plain
        if repository in self._memories:
            return self._memories[repository]
        new = RepositoryMemory()
        return self._memories.keep(repository, new, new.weight)

    def _fresh(self, at: datetime) -> bool:
        return self._clock() - at < self._freshness.tags

    def _old(self, at: datetime) -> bool:
        return self._clock() - at >= self._freshness.images

    def _asked(self, repository: Repository, question: Callable[[], T]) -> T:
        with self._busy.kept(repository):
            return question()
