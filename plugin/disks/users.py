"""Which pointers mean which disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plugin.disks.edits import Stuck
from plugin.disks.model import By, Disk, Name, Named, Pointer, Stage
from plugin.pins.nodes import Refused


@dataclass(frozen=True, slots=True)
class Users:
    """The pointers to each disk of a stage, by the disk's file and line."""

    stage: Stage
    _by_disk: Mapping[str, tuple[Pointer, ...]]

    @classmethod
    def of(cls, stage: Stage) -> Users:
        """The pointers resolved: a machine's own templates first, the nearest file before others.

        A name that stands for several disks gives all of them the pointer.
        """
        found: dict[str, list[Pointer]] = {}
        for pointer in stage.pointers:
            for disk in _meant(stage, pointer):
                found.setdefault(disk.where, []).append(pointer)
        return cls(stage, {where: tuple(pointers) for where, pointers in found.items()})

    def of_disk(self, disk: Disk) -> tuple[Pointer, ...]:
        """What takes its disk from `disk`: machines and DataSources."""
        return tuple(one for one in self._all(disk) if one.by is not By.CLONE)

    def clones_of(self, disk: Disk) -> tuple[Pointer, ...]:
        """What copied `disk` once and never will again."""
        return tuple(one for one in self._all(disk) if one.by is By.CLONE)

    def _all(self, disk: Disk) -> tuple[Pointer, ...]:
        return self._by_disk.get(disk.where, ())

    def check(self, disk: Disk) -> None:
        """Raises Stuck where a pointer to `disk` may mean another one, or a patch names it."""
        for pointer in self._all(disk):
            others = [one for one in _meant(self.stage, pointer) if one.where != disk.where]
            if others:
                raise Stuck(_twice(disk, others[0].where))
        for one in self.stage.volumes:
            if disk.machine is None and one.id.meets(disk.id) and not one.has_source:
                raise Stuck(_twice(disk, f"{one.file}:{one.line}"))


def _twice(disk: Disk, where: str) -> Refused:
    url = disk.origin.url
    reason = f"disk '{disk.id.name}' stands at {where}, too; give every disk a name of its own"
    return Refused(disk.file, url.line, url.column, reason, url.value)


def _meant(stage: Stage, pointer: Pointer) -> tuple[Disk, ...]:
    if pointer.machine is not None and pointer.by is not By.CLONE:
        own = tuple(
            one
            for one in stage.disks
            if one.machine == pointer.machine
            and one.file == pointer.file
            and one.id.name == pointer.target.name
        )
        if own:
            return own
    named = [one for one in stage.disks if one.id.meets(pointer.target)]
    alone = _nearest(pointer, [one for one in named if one.machine is None])
    return alone or _nearest(pointer, [one for one in named if one.machine is not None])


def _nearest(pointer: Pointer, disks: list[Disk]) -> tuple[Disk, ...]:
    here = directory(pointer.file)
    for near in (
        [one for one in disks if one.file == pointer.file],
        [one for one in disks if directory(one.file) == here],
    ):
        if near:
            return tuple(near)
    return tuple(disks)


def directory(file: str) -> str:
    """The directory of a file; '' for the root."""
    return file.rpartition("/")[0]


def taken(name: str, disk: Disk, stage: Stage) -> str | None:
    """The file of another disk that has `name` already, or None.

    Templates of machines in other directories are left out: they are other applications'.
    """
    known: tuple[Disk | Named, ...] = (*stage.disks, *stage.volumes)
    for one in known:
        template = isinstance(one, Disk) and one.machine is not None
        near = not template or directory(one.file) == directory(disk.file)
        if near and one.id.meets(Name(name, disk.id.namespace)):
            return one.file
    return None
