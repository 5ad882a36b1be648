"""Which disk of one tree is which disk of another: by name, and by the place it lies in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from plugin.disks.fault_values import Imported
from plugin.disks.shelf import Shelf

Pair: TypeAlias = tuple[Imported, Imported]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The disks that are in both trees, as they were and are, and those that are gone."""

    same: tuple[Pair, ...]
    gone: tuple[Imported, ...]


def paired(old: Sequence[Imported], new: Sequence[Imported]) -> Pairs:
    """Every disk with what it was: in its file, else in its directory, else anywhere.

    Where several of a name were moved at once nobody knows which is which: they are neither paired
    nor gone.
    """
    same: list[Pair] = []
    for place in (_file, _directory, _anywhere):
        found = list(_at(place, old, new))
        same += found
        was, is_ = {id(one) for one, _ in found}, {id(one) for _, one in found}
        old = [one for one in old if id(one) not in was]
        new = [one for one in new if id(one) not in is_]
    names = {(one.id.name, one.machine) for one in new}
    gone = (one for one in old if (one.id.name, one.machine) not in names)
    return Pairs(tuple(same), tuple(gone))


def _file(disk: Imported) -> str:
    return f"{disk.machine}\n{disk.file}"


def _directory(disk: Imported) -> str:
    return f"{disk.machine}\n{disk.file.rpartition('/')[0]}"


def _anywhere(disk: Imported) -> str:
    return disk.machine


def _at(
    place: Callable[[Imported], str], old: Sequence[Imported], new: Sequence[Imported]
) -> Iterator[Pair]:
    """The disks that only one of the same name at the same place can have been."""
    was: Shelf[Imported] = Shelf()
    now: Shelf[Imported] = Shelf()
    for shelf, disks in ((was, old), (now, new)):
        for one in disks:
            shelf.put(one.id, place(one), one)
    for one in new:
        found = was.only(one.id, place(one))
        if found is not None and now.only(found.id, place(one)) is one:
            yield found, one
