"""The files of a stage to the machines and disks in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from plugin.disks.model import By, Disk, Machine, Managed, Name, Named, Place, Pointer, Stage
from plugin.disks.volumes import boot_volume, pointers_of, read_only_volumes, target_of
from plugin.pins.data_volumes import VERSION
from plugin.pins.disk_origin import Origin, origin_of
from plugin.pins.kubevirt_objects import (
    BLUEPRINT,
    CRON,
    DATA_SOURCE,
    DATA_VOLUME,
    POOL,
    Object,
    annotated,
    below,
    instance_way,
    machine_way,
    objects,
    resolved,
)
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Tree
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.sources import Sources

# A file without any of these points to no disk and says nothing of how disks are treated.
WORDS = (
    "dataVolume",
    "DataVolume",
    "DataSource",
    "persistentVolumeClaim",
    "updateVolumesStrategy",
    "disk-policy",
    "allow-replace",
)


def stage_of(sources: Sources) -> Stage:
    """What the files say about disks; a file that is no YAML may hide pointers and is named."""
    items: list[Disk | Pointer | Machine | Named | Managed] = []
    unreadable: list[str] = []
    for file, text in sorted(sources.texts.items()):
        if any(word in text for word in WORDS):
            tree = sources.tree(file)
            if isinstance(tree, Refused):
                unreadable.append(file)
            else:
                copied = sources.overwritten(file)
                items += (
                    one
                    for one in _Reader(file, tree).items()
                    if not isinstance(one, Disk) or _place(one) not in copied
                )
    return Stage(
        tuple(one for one in items if isinstance(one, Disk)),
        tuple(one for one in items if isinstance(one, Pointer)),
        tuple(one for one in items if isinstance(one, Machine)),
        tuple(one for one in items if isinstance(one, Named)),
        tuple(one for one in items if isinstance(one, Managed)),
        tuple(unreadable),
    )


def _place(disk: Disk) -> tuple[int, int]:
    return disk.origin.url.line, disk.origin.url.column


class _Reader:
    """One file's objects."""

    def __init__(self, file: str, tree: Tree) -> None:
        self._file, self._tree = file, tree

    def items(self) -> Iterator[Disk | Pointer | Machine | Named | Managed]:
        for one in objects(self._tree):
            if not one.of_kubevirt:
                continue
            if one.kind == DATA_VOLUME:
                yield from self._volume(one)
            elif one.kind == DATA_SOURCE:
                yield from self._data_source(one)
            elif one.kind == CRON:
                source, cron = below(one.root, "spec"), self._id(one.metadata)
                managed = Name(word(source.get("managedDataSource")), cron.namespace)
                yield Managed(managed, cron.name)
            elif instance_way(one.kind) and one.kind != BLUEPRINT:
                yield from self._machine(one)

    def _volume(self, one: Object) -> Iterator[Disk | Pointer | Named]:
        spec = below(one.root, "spec")
        number = None if one.listed else one.document
        disk = self._disk(one.root, number, None)
        if disk is not None:
            yield disk
        id_ = self._id(one.metadata)
        yield Named(self._file, one.root.line, id_, spec.get("source") is not None)
        yield from self._clone(spec, id_, None)

    def _disk(self, root: Mapping, document: int | None, machine: Machine | None) -> Disk | None:
        spec, metadata = below(root, "spec"), below(root, "metadata")
        origin = origin_of(self._tree, spec)
        if not isinstance(origin, Origin):
            return None
        id_ = self._id(metadata)
        if machine is not None:
            id_ = Name(id_.name, machine.id.namespace)
        version = annotated(metadata).get(VERSION)
        size = below(spec, "storage") if spec.get("storage") else below(spec, "pvc")
        return Disk(
            self._file,
            id_,
            self._place(metadata.get("name")),
            origin,
            Place(self._file, version, self._tree) if version else None,
            _word(below(size, "resources", "requests").get("storage")),
            document,
            machine,
            self._tree,
        )

    def _data_source(self, one: Object) -> Iterator[Pointer]:
        id_ = self._id(one.metadata)
        claim = below(one.root, "spec", "source", "pvc")
        yield from self._pointer(By.DATA_SOURCE, claim, "name", id_.namespace, id_.name)

    def _clone(self, spec: Mapping, id_: Name, machine: Machine | None) -> Iterator[Pointer]:
        claim = below(spec, "source", "pvc")
        for one in self._pointer(By.CLONE, claim, "name", id_.namespace, id_.name):
            yield one if machine is None else _of(one, machine)

    def _machine(self, one: Object) -> Iterator[Disk | Pointer | Machine]:
        templates = [
            mapping(each) for each in sequence(one.machine.get("dataVolumeTemplates")).items
        ]
        id_, read_only = self._id(one.metadata), read_only_volumes(one.instance)
        machine = Machine(
            self._file,
            one.root.line,
            one.kind,
            id_,
            _annotations(one.metadata),
            _word(one.machine.get("updateVolumesStrategy")) == "Migration",
            below(one.root, "spec") if one.kind == POOL else None,
            tuple(_sources(templates, id_.namespace)),
            _unclear(one),
            boot_volume(one.instance),
        )
        yield machine
        for template in templates:
            disk = self._disk(template, one.document, machine)
            if disk is not None:
                yield disk
            yield from self._clone(below(template, "spec"), id_, machine)
        for volume in sequence(one.instance.get("volumes")).items:
            for pointer in self._points(mapping(volume), id_.namespace):
                yield _of(pointer, machine, writable=pointer.holder not in read_only)

    def _points(self, volume: Mapping, namespace: str) -> Iterator[Pointer]:
        holder = _word(volume.get("name"))
        for by, node, key in pointers_of(volume):
            yield from self._pointer(by, node, key, namespace, holder)

    def _pointer(
        self, by: By, node: Mapping, key: str, namespace: str, holder: str
    ) -> Iterator[Pointer]:
        place = self._place(node.get(key))
        if place is not None:
            target = target_of(by, node, place.text, namespace)
            yield Pointer(by, target, self._file, place.scalar.line, place, holder, None)

    def _place(self, node: Node | None) -> Place | None:
        scalar = resolved(node)
        if scalar is None:
            return None
        return Place(self._file, scalar, self._tree, isinstance(node, Alias))

    def _id(self, metadata: Mapping) -> Name:
        return Name(_word(metadata.get("name")), _word(metadata.get("namespace")))


def _of(pointer: Pointer, machine: Machine, *, writable: bool = True) -> Pointer:
    return replace(pointer, machine=machine, writable=writable)


def _word(node: Node | None) -> str:
    scalar = resolved(node)
    return scalar.value if scalar else ""


def _annotations(metadata: Mapping) -> dict[str, str]:
    pairs = mapping(metadata.get("annotations")).named()
    return {key.value: _word(value) for key, value in pairs}


def _unclear(one: Object) -> int:
    """The line of what stands for a whole map, or is merged into one, where a machine says much."""
    for way in (("metadata", "annotations"), machine_way(one.kind), instance_way(one.kind)):
        node: Node | None = one.root
        for key in (*(way or ()), ""):
            if isinstance(node, Alias):
                return node.line
            merged = next((name for name, _ in mapping(node).named() if name.value == "<<"), None)
            if merged is not None:
                return merged.line
            node = mapping(node).get(key)
    return 0


def _sources(templates: list[Mapping], namespace: str) -> Iterator[Name]:
    """The DataSources that templates of a machine take their disks from, once."""
    for template in templates:
        reference = below(template, "spec", "sourceRef")
        if reference.pairs:
            yield Name(word(reference.get("name")), word(reference.get("namespace")) or namespace)
