"""Previous disks: kept in Git to go back to, named by nothing, and so no part of what runs."""

from __future__ import annotations

from collections.abc import Iterable

from plugin.disks.read import stage_of
from plugin.disks.users import Users
from plugin.disks.versions import versions_of
from plugin.pins.pin import Kind, Pin
from plugin.pins.sources import Sources


def without_previous(sources: Sources, pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """`pins` but for those of disks that another version of the same disk has taken over from.

    A disk that no version of is used stays: that is a fault to be told, not a version to forget.
    """
    pins = tuple(pins)
    if not any(pin.kind is Kind.DATA_VOLUME for pin in pins):
        return pins
    stage = stage_of(sources)
    users = Users.of(stage)
    idle = {
        (disk.file, disk.origin.url.line, disk.origin.url.column)
        for disks in versions_of(stage.disks)
        if any(users.of_disk(one) for one in disks)
        for disk in disks
        if not users.of_disk(disk)
    }
    return tuple(pin for pin in pins if (pin.file, pin.line, pin.column) not in idle)
