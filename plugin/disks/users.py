"""Which pointers mean which disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from plugin.disks.edits import Stuck
from plugin.disks.model import By, Disk, Named, Pointer, Stage
from plugin.pins.nodes import Refused

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Users:
    """The disks and other DataVolumes of a stage by name, and the pointers to each disk."""

    stage: Stage
    _disks: Mapping[str, list[Disk]]
    _volumes: Mapping[str, list[Named]]
    _pointers: dict[Key, list[Pointer]] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: Stage) -> Users:
        """The pointers resolved: a machine's own templates first, the nearest file before others.

        A name that stands for several disks gives all of them the pointer.
        """
        disks: dict[str, list[Disk]] = {}
        for disk in stage.disks:
            disks.setdefault(disk.id.name, []).append(disk)
        volumes: dict[str, list[Named]] = {}
        for volume in stage.volumes:
            volumes.setdefault(volume.id.name, []).append(volume)
        users = cls(stage, disks, volumes)
        for pointer in stage.pointers:
            for disk in users.meant(pointer):
                users._pointers.setdefault(_key(disk), []).append(pointer)
        return users

    def of_disk(self, disk: Disk) -> tuple[Pointer, ...]:
        """What takes its disk from `disk`: machines and DataSources."""
        return tuple(one for one in self._all(disk) if one.by is not By.CLONE)

    def clones_of(self, disk: Disk) -> tuple[Pointer, ...]:
        """What copied `disk` once and never will again."""
        return tuple(one for one in self._all(disk) if one.by is By.CLONE)

    def _all(self, disk: Disk) -> Iterable[Pointer]:
        return self._pointers.get(_key(disk), ())

    def check(self, disk: Disk) -> None:
        """Raises Stuck where a pointer to `disk` may mean another one, or a patch names it."""
        for pointer in self._all(disk):
            others = [one for one in self.meant(pointer) if _key(one) != _key(disk)]
            if others:
                raise Stuck(_twice(disk, others[0].where))
        for one in self._volumes.get(disk.id.name, ()) if disk.machine is None else ():
            if one.id.meets(disk.id) and not one.has_source:
                raise Stuck(_twice(disk, f"{one.file}:{one.line}"))

    def meant(self, pointer: Pointer) -> tuple[Disk, ...]:
        """The disks that `pointer` may mean: one, if people name their disks well."""
        named = self._disks.get(pointer.target.name, ())
        if pointer.machine is not None and pointer.by is not By.CLONE:
            here = [one for one in named if one.file == pointer.file]
            own = tuple(one for one in here if one.machine == pointer.machine)
            if own:
                return own
        near = [one for one in named if one.id.meets(pointer.target)]
        alone = _nearest(pointer, [one for one in near if one.machine is None])
        return alone or _nearest(pointer, [one for one in near if one.machine is not None])


def _key(disk: Disk) -> Key:
    return disk.file, disk.origin.url.event


def _twice(disk: Disk, where: str) -> Refused:
    url = disk.origin.url
    reason = f"disk '{disk.id.name}' stands at {where}, too; give every disk a name of its own"
    return Refused(disk.file, url.line, url.column, reason, url.value)


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
