"""Disks that kustomize copies into machines: a few fields of one file change together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.artifact import DiskImage
from plugin.disks.consent import judged
from plugin.disks.edits import Edits, Stuck
from plugin.disks.model import By, Machine, Name, Place, Pointer
from plugin.disks.move import Move, Replaced
from plugin.disks.names import SUFFIX, base_of, disk_name, suffix_of
from plugin.disks.planner import Planner
from plugin.disks.templates import said
from plugin.errors import Refusal
from plugin.pins.copied_disks import CopiedDisk, Holder
from plugin.pins.kubevirt_objects import DATA_SOURCE, POOL, VIRTUAL_MACHINE
from plugin.pins.nodes import Refused
from plugin.pins.pin import Change, Present

_DELETED = "the disk before is deleted while its machine still runs on it"
_NAMELESS = (
    "is copied into every machine that a selector without a plain name meets, so nobody can tell "
    "which may lose its disk; name the machine in 'select'"
)
_POOL = "is copied into a pool, whose limits are not looked at here; write the disk into the pool"

_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,251}[a-z0-9])?")


def copied(planner: Planner, disk: CopiedDisk) -> Move | None:
    """The move of a disk in its file; None when it is at the wanted version. Raises Stuck."""
    name = _name(planner, disk)
    if name is None:
        return None
    other = planner.names.give(name, disk.file, "")
    if other is not None:
        raise _stuck(disk, f"the disk's name would be '{name}', which a disk in {other} has")
    edits = Edits()
    edits.write(Place(disk.file, disk.name, disk.tree), name)
    for part in disk.origin.parts:
        if isinstance(part.slot, Present):
            edits.write(Place(disk.file, part.slot.scalar, disk.tree), said(planner, part))
    replaced = tuple(_replaced(planner, disk, name))
    planner.readable([disk.file])
    return Move(edits.done(), (Change(disk.pin, planner.wanted),), replaced)


def _name(planner: Planner, disk: CopiedDisk) -> str | None:
    """The new name; None where the disk is what is wanted already."""
    origin, old = disk.origin, disk.name.value
    digits = (origin.digest or "").partition(":")[2][:SUFFIX]
    if digits and suffix_of(old) not in (None, digits):
        raise _stuck(disk, f"'{old}' ends in the digits of another image; restore the url")
    name = disk_name(base_of(old, (origin.tag or "", origin.url.value)), planner.digest)
    if origin.digest is None and isinstance(planner.wanted, DiskImage):
        same = (old, origin.url.value) == (name, planner.wanted.address)
    else:
        same = origin.digest == planner.digest
    return None if same else name


def _replaced(planner: Planner, disk: CopiedDisk, name: str) -> Iterator[Replaced]:
    for holder in disk.holders:
        pointer = _pointer(planner, disk, holder)
        try:
            answer = judged(
                pointer,
                planner.wanted,
                planner.terms,
                planner.hearing,
                fresh=True,
                kept=disk.template,
            )
        except Refusal as refusal:
            raise _stuck(disk, str(refusal)) from None
        machine = pointer.machine
        yield Replaced(
            machine.id.name if machine else "",
            pointer.target.namespace,
            holder.volume,
            disk.name.value,
            name,
            planner.wanted,
            answer.policy.restart,
            answer.loss,
            imported=True,
            kept=False,
            notes=() if disk.template else (_DELETED,),
            objection=answer.objection,
            pool=machine is not None and machine.pool is not None,
        )


def _pointer(planner: Planner, disk: CopiedDisk, holder: Holder) -> Pointer:
    """The machine as its build holds it, or else as the object with the fields speaks for it."""
    if holder.kind == POOL:
        raise _stuck(disk, _POOL)
    machine: Machine | None = None
    if holder.kind != DATA_SOURCE:
        if not _PLAIN.fullmatch(holder.name):
            raise _stuck(disk, _NAMELESS)
        mine = Machine(
            disk.file, disk.name.line, VIRTUAL_MACHINE, Name(holder.name), disk.annotations, False
        )
        machine = next(planner.hearing.documents(mine), mine)
    place = Place(disk.file, disk.name, disk.tree)
    namespace = machine.id.namespace if machine else ""
    target = Name(disk.name.value, namespace)
    return Pointer(By.VOLUME, target, disk.file, disk.name.line, place, holder.volume, machine)


def _stuck(disk: CopiedDisk, reason: str) -> Stuck:
    url = disk.origin.url
    return Stuck(Refused(disk.file, url.line, url.column, reason, url.value))
