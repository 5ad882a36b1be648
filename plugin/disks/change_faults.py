"""Faults of disks that only a change shows: what it would not do, and what it would destroy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.disks.fault_view import Fault, Imported, View, Vm, Volume, view_of
from plugin.disks.faults import ERROR, WARNING
from plugin.pins.sources import Sources

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kKMGTPE]i?|m)?")
_POWERS = {letter: at for at, letter in enumerate("KMGTPE", start=1)}


def change_faults(before: Sources, after: Sources) -> tuple[Fault, ...]:
    """What is wrong with going from `before` to `after`, at the places in `after`.

    What was deleted has the file and line it had.
    """
    old, new = view_of(before), view_of(after)
    found = [
        *_same_names(old, new),
        *_deleted(old, new),
        *(fault for one in new.vms for fault in _vm(old, new, one)),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.file, one.line, one.text)))


def _same_names(old: View, new: View) -> Iterator[Fault]:
    """Disks that kept their names: nothing about their content may have changed."""
    for disk in new.every_disk():
        for was in old.every_disk():
            same = disk.id.name and disk.id.meets(was.id) and disk.machine == was.machine
            if same and disk.origin != was.origin:
                yield Fault(*_ignored(disk))
            elif same and _shrinks(was, disk):
                yield _smaller(disk.file, disk, was)


def _ignored(disk: Imported) -> tuple[str, str, int, str]:
    """https://github.com/kubevirt/kubevirt/issues/13383 and CDI's admission of DataVolumes."""
    if disk.pooled:
        text = (
            f"{disk} has another source: KubeVirt 1.6 and newer deletes the pool's machines with "
            "their disks for that; make a new pool"
        )
    elif disk.machine:
        text = (
            f"{disk} has another source under the same name: KubeVirt accepts that and does "
            "nothing; give it a new name, and the same in the volume that names it"
        )
    else:
        text = (
            f"{disk} has another source under the same name, which CDI refuses, so nothing is "
            "synced; add a DataVolume with a new name, and name that in the volume"
        )
    return ERROR, disk.file, disk.line, text


def _smaller(file: str, disk: Imported, was: Imported) -> Fault:
    size, had = disk.size, was.size
    line = size.line if size else disk.line
    text = (
        f"{disk} asks for {size.value if size else ''} where {was} has "
        f"{had.value if had else ''}: a disk never shrinks; ask for as much at least"
    )
    return Fault(ERROR, file, line, text)


def _shrinks(was: Imported, disk: Imported) -> bool:
    before, after = _bytes(was), _bytes(disk)
    return before is not None and after is not None and after < before


def _bytes(disk: Imported) -> float | None:
    """A size of the form https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/."""
    found = _QUANTITY.fullmatch(disk.size.value) if disk.size else None
    if found is None:
        return None
    unit = found[2] or ""
    if unit == "m":
        return float(found[1]) / 1000
    base = 1024 if unit.endswith("i") else 1000
    return float(found[1]) * float(base ** _POWERS.get(unit[:1].upper(), 0))


def _deleted(old: View, new: View) -> Iterator[Fault]:
    """DataVolumes that are gone although a machine uses them, or did until this change."""
    for disk in old.volumes:
        if not disk.id.name or any(disk.id.meets(one.id) for one in new.volumes):
            continue
        for vm, volume in _users(old, disk):
            text = _loss(disk, volume, vm, new)
            if text:
                yield Fault(*text[:1], disk.file, disk.line, text[1])


def _users(view: View, disk: Imported) -> Iterator[tuple[Vm, Volume]]:
    for vm in view.vms:
        for volume in vm.volumes:
            if volume.target.meets(disk.id):
                yield vm, volume


def _loss(disk: Imported, volume: Volume, vm: Vm, new: View) -> tuple[str, str] | None:
    documents = new.machine(vm.id)
    if not documents:
        return WARNING, f"{disk} goes together with {vm}: what is on it is lost"
    if any(one.target.meets(disk.id) for each in documents for one in each.volumes):
        return ERROR, (
            f"{disk} is deleted, and volume '{volume.name}' of {vm} still names it; keep it"
        )
    return ERROR, (
        f"{disk} is deleted in the change that takes it out of {vm}, which runs on it until its "
        "restart and cannot go back; keep it, and delete it in a later change"
    )


def _vm(old: View, new: View, vm: Vm) -> Iterator[Fault]:
    """What a machine's volumes point to now, against what they pointed to."""
    was = {one.name: one for each in old.machine(vm.id) for one in each.volumes}
    for volume in vm.volumes:
        before = was.get(volume.name)
        if before is None or before.target.name == volume.target.name:
            continue
        if vm.strategy is not None and vm.strategy.value == "Migration":
            text = (
                f"volume '{volume.name}' of {vm} names another disk while updateVolumesStrategy "
                "is Migration: the old disk's content is copied over the new one; remove that "
                "strategy in the same change"
            )
            yield Fault(ERROR, volume.file, volume.line, text)
        for one, other in _pair(old, new, before, volume):
            if _shrinks(one, other):
                yield _smaller(other.file, other, one)


def _pair(
    old: View, new: View, before: Volume, volume: Volume
) -> Iterator[tuple[Imported, Imported]]:
    """The disk a volume named, with the one it names now."""
    for one in old.every_disk():
        for other in new.every_disk():
            if one.id.meets(before.target) and other.id.meets(volume.target):
                yield one, other
