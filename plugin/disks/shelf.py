"""Things by name, namespace and place: those of a name that may be meant, without a search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Generic, TypeVar

from plugin.disks.model import Name

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Shelf(Generic[_T]):
    """What was put away, by the names it has and the places it is known at."""

    _kept: dict[tuple[str, str], dict[str, list[_T]]] = field(default_factory=dict)

    def put(self, name: Name, place: str, thing: _T) -> None:
        """Keep `thing`; what has no name is never meant."""
        if name.name:
            spaces = self._kept.setdefault((name.name, place), {})
            spaces.setdefault(name.namespace, []).append(thing)

    def exactly(self, name: Name, place: str) -> list[_T]:
        """What has this name and namespace."""
        return self._kept.get((name.name, place), {}).get(name.namespace, [])

    def meeting(self, name: Name, place: str) -> Iterator[_T]:
        """What `name` can mean, as `Name.meets`."""
        spaces = self._kept.get((name.name, place), {})
        if not name.namespace:
            return chain.from_iterable(spaces.values())
        return chain(spaces.get(name.namespace, ()), spaces.get("", ()))

    def only(self, name: Name, place: str) -> _T | None:
        """The one thing that `name` can mean, or else the one that has exactly this name."""
        some = list(islice(self.meeting(name, place), 2))
        exact = self.exactly(name, place)
        if len(some) == 1 or len(exact) == 1:
            return some[0] if len(some) == 1 else exact[0]
        return None
