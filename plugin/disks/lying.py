"""Disks whose names end in the digits of another image: the trace of a change that did nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plugin.disks.model import Disk
from plugin.disks.names import SUFFIX, suffix_of
from plugin.disks.read import stage_of
from plugin.pins.pin import Kind, Pin
from plugin.pins.sources import Sources

_OF_DISKS = frozenset({Kind.DATA_VOLUME, Kind.DATA_VOLUME_TEMPLATE})


def lie_of(disk: Disk) -> str | None:
    """What is wrong with a disk's name, or None.

    A source that changes under the same name is refused or ignored, so the machine runs on the old
    image whatever the file says (https://github.com/kubevirt/kubevirt/pull/13383).
    """
    digest, said = disk.origin.digest, suffix_of(disk.id.name)
    if not digest or not said or digest.partition(":")[2][:SUFFIX] == said:
        return None
    return (
        f"disk '{disk.id.name}' ends in the digits of another image: its source was changed under "
        "the same name, which the cluster refuses or ignores; restore the source, or give the disk "
        "a name of its own"
    )


def lies(sources: Sources, pins: Iterable[Pin]) -> Iterator[str]:
    """The disks among `pins` that do not hold what they say, each with its file and line."""
    places = {(pin.file, pin.line, pin.column) for pin in pins if pin.kind in _OF_DISKS}
    for disk in stage_of(sources).disks if places else ():
        url, lie = disk.origin.url, lie_of(disk)
        if lie and (disk.file, url.line, url.column) in places:
            yield f"{disk.file}:{url.line}: {lie}"
