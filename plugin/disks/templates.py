"""Disks a machine makes for itself: name, source and pointer of a template change together."""

from __future__ import annotations

from plugin.disks.edits import Edits
from plugin.disks.model import Disk, Place
from plugin.disks.move import Move
from plugin.disks.planner import Planner
from plugin.disks.pools import pool_problem
from plugin.pins.pin import Field, Part, Present
from plugin.pins.writing import splices_of, text_of


def template(planner: Planner, disk: Disk) -> Move | None:
    """The move of a machine's template; None when it is at the wanted version.

    The controller looks a template's disk up by its name alone, so a new source needs a new name
    (https://github.com/kubevirt/kubevirt, virt-controller, `handleDataVolumes`). Raises Stuck.
    """
    if planner.holds(disk):
        return None
    planner.check(disk)
    pointers = planner.users.of_disk(disk)
    if not any(one.machine == disk.machine for one in pointers):
        raise planner.stuck(disk, f"no volume of {disk.machine} uses disk '{disk.id.name}'")
    _check_pool(planner, disk)
    name, edits = planner.new_name(disk), Edits()
    replaced = planner.point(edits, disk, name, fresh=True)
    if disk.name is not None:
        edits.write(disk.name, name)
    write(planner, edits, disk)
    splices = edits.done()
    planner.readable(splices)
    return Move(splices, planner.change(disk, pointers), replaced)


def _check_pool(planner: Planner, disk: Disk) -> None:
    machine = disk.machine
    if machine is not None and machine.pool is not None:
        problem = pool_problem(machine.pool, planner.hearing.policy(machine))
        if problem is not None:
            raise planner.stuck(disk, f"a new disk for {machine} {problem}")


def write(planner: Planner, edits: Edits, disk: Disk) -> None:
    """The source of the disk, and the version for people where the disk says one.

    A checksum is created in DataVolumes only: KubeVirt's schema of a VirtualMachine, as of v1.9,
    has no such field in a template, so the API server would drop it.
    """
    for part in disk.origin.parts:
        if isinstance(part.slot, Present):
            edits.write(Place(disk.file, part.slot.scalar, disk.tree), said(planner, part))
        elif disk.machine is None:
            for splice in splices_of(disk.tree, part, planner.wanted):
                edits.add(disk.file, splice)
    if disk.version is not None:
        edits.write(disk.version, text_of(Field.TAG, planner.wanted))


def said(planner: Planner, part: Part) -> str:
    """What the scalar of `part` will say."""
    return f"{part.before}{text_of(part.field, planner.wanted)}{part.after}"
