"""What a machine does with its volumes: which it only reads, and which it boots from."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.pins.kubevirt_objects import below, resolved
from plugin.pins.nodes import Mapping, Node
from plugin.pins.reading import mapping, sequence, word

_LAST = 10**9


def read_only_volumes(instance: Mapping) -> Iterator[str]:
    """The volumes that the machine cannot write: CDs, and disks that say so."""
    for disk in sequence(below(instance, "domain", "devices").get("disks")).items:
        cdrom, plain = below(disk, "cdrom"), below(disk, "disk")
        says = word(cdrom.get("readonly")) or word(plain.get("readonly"))
        if says == "true" or (mapping(disk).get("cdrom") is not None and says != "false"):
            yield _word(mapping(disk).get("name"))


def boot_volume(instance: Mapping, read_only: frozenset[str]) -> str:
    """The volume with a disk of its own that comes first in the order of booting, or ''.

    Without `bootOrder` that is the order of the disks
    (https://kubevirt.io/user-guide/compute/virtual_hardware/#bios-uefi).
    """
    order: dict[str, tuple[int, int]] = {}
    for at, disk in enumerate(sequence(below(instance, "domain", "devices").get("disks")).items):
        said = word(mapping(disk).get("bootOrder"))
        number = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else _LAST
        order[_word(mapping(disk).get("name"))] = number, at
    own = [one for one in _own(instance) if one not in read_only]
    return min(own, key=lambda one: order.get(one, (_LAST, _LAST)), default="")


def _own(instance: Mapping) -> Iterator[str]:
    for volume in sequence(instance.get("volumes")).items:
        one = mapping(volume)
        if one.get("dataVolume") is not None or one.get("persistentVolumeClaim") is not None:
            yield _word(one.get("name"))


def _word(node: Node | None) -> str:
    scalar = resolved(node)
    return scalar.value if scalar else ""
