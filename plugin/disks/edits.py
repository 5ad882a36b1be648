"""The splices of one disk, gathered place by place and judged together."""

from __future__ import annotations

from collections.abc import Iterable

from plugin.disks.model import Place
from plugin.errors import Refusal
from plugin.pins.nodes import Refused, Tree
from plugin.pins.reading import unwritable
from plugin.pins.splice import Splice
from plugin.pins.writing import replaced


class Stuck(Refusal):
    """Carries out of the middle of a disk why it cannot move."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.refused = refused

    @classmethod
    def at(cls, place: Place, reason: str) -> Stuck:
        """Because of what stands at `place`."""
        scalar = place.scalar
        return cls(Refused(place.file, scalar.line, scalar.column, reason, scalar.value or "?"))


class Edits:
    """New texts of scalars, each at most once, and other splices, by file."""

    def __init__(self) -> None:
        self._splices: dict[str, list[Splice]] = {}
        self._said: dict[tuple[str, int], str] = {}
        self._places: list[Place] = []

    def write(self, place: Place, value: str) -> None:
        """`value` at `place`; raises Stuck where it cannot be written."""
        problem = unwritable(place.tree, place.scalar)
        if problem is not None:
            raise Stuck.at(place, problem)
        at = (place.file, place.scalar.event)
        if self._said.setdefault(at, value) != value:
            raise Stuck.at(place, "serves two disks; write the name of each in its own place")
        if place.scalar.value != value and at not in self._written():
            self.add(place.file, replaced(place.tree, place.scalar, value))
        self._places.append(place)

    def _written(self) -> set[tuple[str, int]]:
        return {(one.file, one.scalar.event) for one in self._places}

    def add(self, file: str, splice: Splice) -> None:
        """A splice made elsewhere."""
        self._splices.setdefault(file, []).append(splice)

    def done(self) -> dict[str, tuple[Splice, ...]]:
        """All splices by file; raises Stuck where an anchor serves something else, too."""
        for place in self._places:
            if _in_anchored(place):
                raise Stuck.at(place, "stands in what an alias repeats; write it out there")
            name = place.scalar.anchor
            followed = sum(
                one.aliased and (one.file, one.scalar) == (place.file, place.scalar)
                for one in self._places
            )
            if name is not None and aliases_of(place.tree, name) != followed:
                raise Stuck.at(place, f"is used elsewhere through '*{name}'; write it out there")
        return {file: tuple(one) for file, one in self._splices.items()}


def _in_anchored(place: Place) -> bool:
    """Whether a map or list around the scalar is repeated by an alias."""
    repeated = place.tree.aliases
    around: list[str | None] = []
    for event in place.tree.events[: place.scalar.event] if repeated else ():
        if event[0] in ("MappingStartEvent", "SequenceStartEvent"):
            around.append(event[1])
        elif event[0] in ("MappingEndEvent", "SequenceEndEvent"):
            around.pop()
    return any(name in repeated for name in around)


def aliases_of(tree: Tree, name: str) -> int:
    """How often `*name` stands in the text."""
    return sum(event[:2] == ("AliasEvent", name) for event in tree.events)


def unaliased(places: Iterable[Place]) -> None:
    """Raises Stuck where what is about to be copied with changes serves other places."""
    for place in places:
        problem = unwritable(place.tree, place.scalar)
        if problem is None and (place.aliased or place.scalar.anchor is not None):
            problem = "is an anchor or an alias of one; write it out"
        if problem is not None:
            raise Stuck.at(place, problem)
