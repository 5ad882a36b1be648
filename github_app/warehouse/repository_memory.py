"""What is remembered of one repository: its tags, as listed and told, and what is behind them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from github_app.warehouse.ports import Resolved
from plugin.artifact.platform import Platform

_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_TOLD = 8
_MOST_IMAGES = 1000


class Question(NamedTuple):
    """A tag as it was asked for; `dated` with the times of all images of an index."""

    tag: str
    platform: Platform | None
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """An answer, when it was last true, and when it was last of use."""

    resolved: Resolved
    checked: datetime
    used: datetime


@dataclass(slots=True)
class RepositoryMemory:
    """`listed` is when its tags were read, None where nobody asks for them.

    A tag that is told is a hint until somebody asks for it. A few hints stand beside the list,
    which is enough for a push; of more, and where each candidate would be asked for, only this is
    remembered: the list is old.
    """

    tags: tuple[str, ...] = ()
    listed: datetime | None = None
    looked: datetime = _NEVER
    dated: bool = False
    _there: Collection[str] = frozenset()
    _list: tuple[str, ...] = ()
    _told: list[str] = field(default_factory=list)
    _images: OrderedDict[str, dict[Question, Known]] = field(default_factory=OrderedDict)

    @property
    def weight(self) -> int:
        """How much there is to remember, in tags: a few images weigh more than many of them."""
        return 100 + len(self._list)

    def learn(self, tags: tuple[str, ...], now: datetime) -> None:
        """Take these for all the tags there are; what was told is known by now."""
        if tags != self._list:
            self._list, self._there = tags, frozenset(tags)
        self.tags, self._told, self.dated = self._list, [], False
        self.listed = self.looked = now

    def doubt(self) -> None:
        """Let nothing pass for fresh any more that was listed or told."""
        self.tags, self._told = self._list, []
        self.looked = _NEVER

    def hear(self, tag: str) -> None:
        """Somebody says that this tag is there now, or was pushed again."""
        self.forget(tag)
        if self.looked == _NEVER or tag in self._there or tag in self._told:
            return
        if self.dated or len(self._told) >= _MOST_TOLD:
            self.doubt()
            return
        self._told.append(tag)
        self.tags = (*self._list, *self._told)

    def miss(self, tag: str) -> None:
        """There is no such tag, whoever told of it."""
        self.forget(tag)
        if tag in self._told:
            self._told.remove(tag)
            self.tags = (*self._list, *self._told)

    def forget(self, tag: str) -> None:
        """No image of that tag is known any more."""
        self._images.pop(tag, None)

    def forget_images(self) -> None:
        """No image is known any more."""
        self._images.clear()

    def forget_unused(self, since: datetime) -> None:
        """No image is known any more whose tag is gone, or that was of use before that time only.

        A tag that is gone may come back as something else.
        """
        for tag, answers in list(self._images.items()):
            if tag not in self._there or all(one.used <= since for one in answers.values()):
                self.forget(tag)

    def image(self, question: Question) -> Known | None:
        """The answer to a question, if it is known."""
        return self._images.get(question.tag, {}).get(question)

    def images(self) -> Iterator[tuple[Question, Known]]:
        """All answers."""
        for answers in self._images.values():
            yield from answers.items()

    def keep(self, question: Question, resolved: Resolved, now: datetime) -> None:
        """Remember an answer; of a thousand tags at most."""
        self._images.setdefault(question.tag, {})[question] = Known(resolved, now, now)
        self._images.move_to_end(question.tag)
        if len(self._images) > _MOST_IMAGES:
            self._images.popitem(last=False)

    def use(self, question: Question, now: datetime) -> None:
        """An answer was of use."""
        answers = self._images[question.tag]
        answers[question] = replace(answers[question], used=now)
        self._images.move_to_end(question.tag)

    def confirm(self, tag: str, now: datetime) -> None:
        """All answers about a tag are still true."""
        answers = self._images.get(tag, {})
        answers |= {one: replace(known, checked=now) for one, known in answers.items()}
