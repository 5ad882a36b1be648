"""Entries of a list of images that meet: kustomize applies them in order and the last one wins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from plugin.pins.nodes import Node
from plugin.pins.reading import mapping, word

_EXPRESSION = re.compile(r"[*+?()|\[\]{}^$\\]")
# How many dots in names of one length are tried out; a list that has more was made to be slow.
_DOTS = 64


@dataclass(frozen=True, slots=True)
class Meeting:
    """An entry's `name`, what it stands for, and its number in the list."""

    number: int
    name: str
    result: str


# The first entry of a name, and the first after it that stands for something else: whatever an
# entry stands for itself, one of them differs from it.
_Two = list[Meeting]


@dataclass(slots=True)
class _Shapes:
    """Names of one length by where their dots are, each of which matches any character."""

    by_dots: dict[tuple[int, ...], dict[str, _Two]] = field(default_factory=dict)
    dots: int = 0

    def add(self, one: Meeting) -> bool:
        """Take the name in; False when there are too many shapes to try them all out."""
        dots = tuple(found.start() for found in re.finditer(r"\.", one.name))
        if dots not in self.by_dots:
            self.dots += len(dots)
        if self.dots > _DOTS:
            return False
        _keep(self.by_dots.setdefault(dots, {}).setdefault(one.name, []), one)
        return True

    def matching(self, image: str) -> Iterator[_Two]:
        """The names that match `image`."""
        for dots, names in self.by_dots.items():
            letters = list(image) if dots else []
            for at in dots:
                letters[at] = "."
            found = names.get("".join(letters) if dots else image)
            if found:
                yield found


class Chain:
    """Whether two entries meet, without a look at every pair of them.

    An entry's name is a regular expression
    (https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/image/image.go); but for
    dots it is not run, for it could run for ever: it is taken to match everything.
    """

    def __init__(self, items: Iterable[Node]) -> None:
        self._by_length: dict[int, _Shapes] = {}
        self._everything: _Two = []
        for number, item in enumerate(items):
            entry = mapping(item)
            name = word(entry.get("name"))
            if name:
                self._take(Meeting(number, name, word(entry.get("newName")) or name))

    def _take(self, one: Meeting) -> None:
        shapes = self._by_length.setdefault(len(one.name), _Shapes())
        if _EXPRESSION.search(one.name) or not shapes.add(one):
            _keep(self._everything, one)

    def other(self, name: str, result: str) -> Meeting | None:
        """The first entry that meets one of `name`, or its `result`, and stands for another."""
        several = [self._everything]
        for image in {name, result} - {""}:
            shapes = self._by_length.get(len(image))
            several += shapes.matching(image) if shapes else ()
        others = (one for two in several for one in two if one.result != result)
        return min(others, key=lambda one: one.number, default=None)


def _keep(two: _Two, one: Meeting) -> None:
    if not two or (len(two) == 1 and two[0].result != one.result):
        two.append(one)
