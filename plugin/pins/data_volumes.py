"""Pins in DataVolumes, templates of DataVolumes and DataSources; what only looks like one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from plugin.pins.disk_origin import Fixed, Origin, origin_of, subject_at
from plugin.pins.kubevirt_objects import (
    BLUEPRINT,
    CRON,
    DATA_SOURCE,
    DATA_VOLUME,
    Object,
    annotated,
    below,
    objects,
    resolved,
)
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Kind, Pin
from plugin.pins.reading import mapping, raw, refused, sequence, word

VERSION = "towline.dev/version"

_IMPORT = "cdi.kubevirt.io/storage.import.endpoint"
_CRON = (
    "stands in a DataImportCron, which takes new versions by itself, past every review, and which "
    "its API never lets change; pin a DataVolume and let a DataSource name it instead"
)
_LEGACY = (
    "is imported once by an annotation of its claim and never again; write a DataVolume instead"
)
_POPULATOR = "stands in a VolumeImportSource, which never changes; write a DataVolume instead"
_BLUEPRINT = "stands in a VirtualMachineTemplate, which only new machines read; bump it by hand"


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The disks CDI imports, without parts: name, source and pointers move together.

    A disk that nothing can bump is refused with its reason; so are the ways of importing that
    would ignore a bump (https://github.com/kubevirt/containerized-data-importer/tree/main/doc).
    """
    if "kubevirt.io/" not in tree.text:
        return
    known = list(objects(tree))
    for one in known:
        if one.of_kubevirt:
            yield from _of_kubevirt(file, tree, one)
        elif one.kind == "PersistentVolumeClaim" and _IMPORT in annotated(one.metadata):
            yield refused(file, annotated(one.metadata)[_IMPORT], _LEGACY)
    pointed = [one for one in known if one.of_kubevirt and one.kind == DATA_SOURCE]
    if pointed:
        disks = _disks(tree, known)
        for one in pointed:
            yield from _data_source(file, tree, one, disks)


def _of_kubevirt(file: str, tree: Tree, one: Object) -> Iterator[Pin | Refused]:
    if one.kind == DATA_VOLUME:
        yield from _disk(file, tree, Kind.DATA_VOLUME, one.root)
    elif one.kind == "VolumeImportSource":
        yield from _urls(file, one.root, _POPULATOR)
    elif one.kind == BLUEPRINT:
        yield from _urls(file, one.machine.get("dataVolumeTemplates"), _BLUEPRINT)
    else:
        for template in sequence(one.machine.get("dataVolumeTemplates")).items:
            yield from _disk(file, tree, Kind.DATA_VOLUME_TEMPLATE, mapping(template))
        for cron in _crons(one):
            yield from _urls(file, cron, _CRON)


def _crons(one: Object) -> Iterator[Node]:
    if one.kind == CRON:
        yield one.root
    for spec in (
        below(one.root, "spec"),
        below(one.root, "spec", "commonTemplates"),
        below(one.root, "spec", "workloadSources"),
    ):
        yield from sequence(spec.get("dataImportCronTemplates")).items


def _disk(file: str, tree: Tree, kind: Kind, disk: Mapping) -> Iterator[Pin | Refused]:
    match origin_of(tree, below(disk, "spec")):
        case Fixed(line, column, reason, text):
            yield Refused(file, line, column, f"disk {name_of(disk)} {reason}", text)
        case Origin() as origin:
            yield _pin(file, tree, kind, origin, disk, origin.url)
        case None:
            return


def _pin(file: str, tree: Tree, kind: Kind, origin: Origin, disk: Mapping, at: Scalar) -> Pin:
    tag = origin.version or version_of(disk)
    return Pin(file, at.line, at.column, kind, origin.subject, tag, origin.digest, raw(tree, at))


def name_of(disk: Mapping) -> str:
    """The name of an object, for sentences."""
    scalar = resolved(below(disk, "metadata").get("name"))
    return f"'{scalar.value[:80]}'" if scalar else "without a name"


def version_of(disk: Mapping) -> str | None:
    """The version for people that an annotation says, where the source says none."""
    said = annotated(below(disk, "metadata")).get(VERSION)
    return said.value if said else None


def _disks(tree: Tree, known: list[Object]) -> dict[str, tuple[Origin, Mapping]]:
    """The DataVolumes of the file that have a version, the first of each name."""
    disks: dict[str, tuple[Origin, Mapping]] = {}
    for one in known:
        if one.of_kubevirt and one.kind == DATA_VOLUME:
            origin = origin_of(tree, below(one.root, "spec"))
            if isinstance(origin, Origin):
                disks.setdefault(word(one.metadata.get("name")), (origin, one.root))
    return disks


def _data_source(
    file: str, tree: Tree, one: Object, disks: dict[str, tuple[Origin, Mapping]]
) -> Iterator[Pin]:
    """A pin where the file says what the DataSource points to; elsewhere the disk's pin tells."""
    pointer = below(one.root, "spec", "source", "pvc").get("name")
    if isinstance(pointer, Scalar) and pointer.value in disks:
        origin, root = disks[pointer.value]
        yield _pin(file, tree, Kind.DATA_SOURCE, origin, root, pointer)


def _urls(file: str, node: Node | None, reason: str) -> Iterator[Refused]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _urls(file, item, reason)
    for key, value in mapping(node).named():
        if key.value == "url" and isinstance(value, Scalar) and value.value:
            yield replace(refused(file, value, reason), subject=subject_at(value.value))
        yield from _urls(file, value, reason)
