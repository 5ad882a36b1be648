"""Whose disk it is: the volumes and DataSources that take it, and what two of them may share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plugin.disks.model import By, Disk, Name, Pointer
from plugin.disks.users import Users, directory


@dataclass(frozen=True, slots=True)
class Owner:
    """One volume of one machine, or one DataSource, which has no kind of machine."""

    directory: str
    kind: str
    id: Name
    holder: str

    def __str__(self) -> str:
        where = f" in {self.directory}" if self.directory else ""
        if not self.kind:
            return f"DataSource {self.holder}{where}"
        return f"volume {self.holder} of {self.id}{where}"


def owner_of(pointer: Pointer) -> Owner:
    """What the pointer stands in."""
    machine = pointer.machine
    if machine is None:
        return Owner(
            directory(pointer.file), "", Name("", pointer.target.namespace), pointer.holder
        )
    return Owner(directory(machine.file), machine.kind, machine.id, pointer.holder)


def writes(pointer: Pointer) -> bool:
    """Whether what points there changes what is on the disk."""
    return pointer.writable and pointer.by not in (By.EPHEMERAL, By.DATA_SOURCE, By.CLONE)


def clash(users: Users, used: Sequence[Disk]) -> str | None:
    """Why disks of one name that are in use cannot become one disk, or None.

    They are versions of one disk only where the same volumes take each of them, or where all that
    take them only read.
    """
    takers = [frozenset(map(owner_of, users.of_disk(one))) for one in used]
    if len(set(takers)) < 2 or not any(writes(one) for disk in used for one in users.of_disk(disk)):
        return None
    said = [f"'{one.id.name}' is {_first(each)}'s" for one, each in zip(used, takers, strict=True)]
    return (
        f"{said[0]}, {said[1]}: at one version both would be one disk, which two that write to it "
        "destroy; give the disk of each a name of its own before the digits"
    )


def _first(owners: frozenset[Owner]) -> str:
    return min(map(str, owners))
