"""A machine's volumes: the disks that they name, which it only reads, and which it boots from."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.disks.model import By, Name
from plugin.pins.kubevirt_objects import below, resolved
from plugin.pins.nodes import Mapping, Node
from plugin.pins.reading import mapping, sequence, word

_LAST = 10**9


_CLAIM = "persistentVolumeClaim"
# Nothing else may name what lies in another namespace: a field there that says so is none.
# https://kubevirt.io/api-reference/main/definitions.html
_FROM_ELSEWHERE = frozenset({By.DATA_SOURCE, By.CLONE})


def pointers_of(volume: Mapping) -> Iterator[tuple[By, Mapping, str]]:
    """Each way a volume of a machine names a disk: the mapping, and its key with the name."""
    yield By.VOLUME, below(volume, "dataVolume"), "name"
    yield By.CLAIM, below(volume, _CLAIM), "claimName"
    yield By.EPHEMERAL, below(volume, "ephemeral", _CLAIM), "claimName"


def target_of(by: By, node: Mapping, name: str, namespace: str) -> Name:
    """The disk `name` that `node` of an object in `namespace` means."""
    said = _word(node.get("namespace")) if by in _FROM_ELSEWHERE else ""
    return Name(name, said or namespace)


def read_only_volumes(instance: Mapping) -> frozenset[str]:
    """The volumes that the machine cannot write: CDs, and disks and claims that say so."""
    volumes = [mapping(one) for one in sequence(instance.get("volumes")).items]
    claims = (one for one in volumes if word(below(one, _CLAIM).get("readOnly")) == "true")
    return _read_only_devices(instance) | {_word(one.get("name")) for one in claims}


def _read_only_devices(instance: Mapping) -> frozenset[str]:
    disks = [
        mapping(one) for one in sequence(below(instance, "domain", "devices").get("disks")).items
    ]
    return frozenset(_word(one.get("name")) for one in disks if _only_reads(one))


def _only_reads(disk: Mapping) -> bool:
    """A CD is only read unless it says otherwise, all others the other way round."""
    said = [word(below(disk, one).get("readonly")) for one in ("cdrom", "disk", "lun")]
    return "true" in said or (disk.get("cdrom") is not None and "false" not in said)


def boot_volume(instance: Mapping) -> str:
    """The volume with a disk of its own that comes first in the order of booting, or ''.

    Without `bootOrder` that is the order of the disks
    (https://kubevirt.io/user-guide/compute/virtual_hardware/#bios-uefi).
    """
    order: dict[str, tuple[int, int]] = {}
    for at, disk in enumerate(sequence(below(instance, "domain", "devices").get("disks")).items):
        said = word(mapping(disk).get("bootOrder"))
        number = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else _LAST
        order[_word(mapping(disk).get("name"))] = number, at
    inserted = _read_only_devices(instance)
    own = [one for one in _own(instance) if one not in inserted]
    return min(own, key=lambda one: order.get(one, (_LAST, _LAST)), default="")


def _own(instance: Mapping) -> Iterator[str]:
    for volume in sequence(instance.get("volumes")).items:
        one = mapping(volume)
        if one.get("dataVolume") is not None or one.get(_CLAIM) is not None:
            yield _word(one.get("name"))


def _word(node: Node | None) -> str:
    scalar = resolved(node)
    return scalar.value if scalar else ""
