"""Faults of disks that only a change shows: what it would not do, and what it would destroy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.disks.fault_index import Index
from plugin.disks.fault_pairs import Pairs, paired
from plugin.disks.fault_values import Fault, Imported, Vm, Volume
from plugin.disks.fault_view import view_of
from plugin.disks.faults import ERROR, WARNING
from plugin.pins.sources import Sources

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kKMGTPE]i?|m)?")
_POWERS = {letter: at for at, letter in enumerate("KMGTPE", start=1)}


def change_faults(before: Sources, after: Sources) -> tuple[Fault, ...]:
    """What is wrong with going from `before` to `after`, at the places in `after`.

    What was deleted has the file and line it had.
    """
    old, new = Index.of(view_of(before)), Index.of(view_of(after))
    pairs = paired(tuple(old.view.every_disk()), tuple(new.view.every_disk()))
    found = [
        *(fault for was, disk in pairs.same for fault in _same_name(was, disk)),
        *_deleted(old, new, pairs),
        *(fault for one in new.view.vms for fault in _vm(old, new, one)),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.file, one.line, one.text)))


def _same_name(was: Imported, disk: Imported) -> Iterator[Fault]:
    """A disk that kept its name: nothing about its content may have changed."""
    if disk.origin != was.origin:
        yield Fault(*_ignored(disk))
    elif _shrinks(was, disk):
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


def _deleted(old: Index, new: Index, pairs: Pairs) -> Iterator[Fault]:
    """DataVolumes that are gone although something uses them, or did until this change."""
    gone = (one for one in pairs.gone if one.filled and not one.machine)
    for disk in (one for one in gone if not new.makes(one)):
        for vm, volume in old.users(disk):
            level, text = _loss(disk, volume, vm, new)
            yield Fault(level, disk.file, disk.line, text)
        for one in old.golden(disk):
            if new.still(one):
                text = f"{disk} is deleted, and {one} still copies it for every new disk; keep it"
                yield Fault(ERROR, disk.file, disk.line, text)


def _loss(disk: Imported, volume: Volume, vm: Vm, new: Index) -> tuple[str, str]:
    documents = new.machine(vm)
    if not documents:
        what = "what is on it is lost" if volume.alone else "no machine can copy it any more"
        return WARNING, f"{disk} goes together with {vm}: {what}"
    if any(one.target.meets(disk.id) for each in documents for one in each.volumes):
        return ERROR, (
            f"{disk} is deleted, and volume '{volume.name}' of {vm} still names it; keep it"
        )
    return ERROR, (
        f"{disk} is deleted in the change that takes it out of {vm}, which runs on it until its "
        "restart and cannot go back; keep it, and delete it in a later change"
    )


def _vm(old: Index, new: Index, vm: Vm) -> Iterator[Fault]:
    """What a machine's volumes point to now, against what they pointed to."""
    was = {one.name: (each, one) for each in old.machine(vm) for one in each.volumes}
    for volume in vm.volumes:
        before = was.get(volume.name)
        if before is None or before[1].target.name == volume.target.name:
            continue
        if vm.strategy is not None and vm.strategy.value == "Migration":
            text = (
                f"volume '{volume.name}' of {vm} names another disk while updateVolumesStrategy "
                "is Migration: the old disk's content is copied over the new one; remove that "
                "strategy in the same change"
            )
            yield Fault(ERROR, volume.file, volume.line, text)
        for one in old.meant(*before):
            for other in new.meant(vm, volume):
                if _shrinks(one, other):
                    yield _smaller(other.file, other, one)
