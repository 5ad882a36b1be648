"""Which DataVolumes are one disk at several versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plugin.disks.model import Disk
from plugin.disks.names import base_of, fitting


def versions_of(disks: Iterable[Disk]) -> Iterator[list[Disk]]:
    """A machine's template alone; DataVolumes of one name and subject together.

    Those in another directory are another application's, whatever they are called.
    """
    groups: dict[tuple[str, str, str, object], list[Disk]] = {}
    for disk in disks:
        if disk.machine is not None:
            yield [disk]
        else:
            directory = disk.file.rpartition("/")[0]
            key = (directory, base(disk), disk.id.namespace, disk.origin.subject)
            groups.setdefault(key, []).append(disk)
    yield from groups.values()


def base(disk: Disk) -> str:
    """What the disk is called apart from its version, as short as in the names of all versions."""
    return fitting(base_of(disk.id.name, (disk.origin.tag or "", disk.origin.url.value)))
