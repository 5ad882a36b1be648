"""The DataVolumes, templates, machines and DataSources of a tree, as its files say them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from plugin.disks.fault_values import Golden, Imported, View, Vm, Volume
from plugin.disks.model import Name
from plugin.pins.kubevirt_objects import (
    BLUEPRINT,
    CRON,
    DATA_SOURCE,
    DATA_VOLUME,
    POOL,
    Object,
    annotated,
    below,
    objects,
    resolved,
)
from plugin.pins.kustomize_spaces import Spaces, spaces_of
from plugin.pins.nodes import Mapping, Node, Refused, Scalar
from plugin.pins.reading import is_placeholder, mapping, sequence, word
from plugin.pins.sources import Sources

_GROUP = "kubevirt.io/"


def view_of(sources: Sources) -> View:
    """What the readable files of `sources` say of KubeVirt's and CDI's objects."""
    spaces = spaces_of(sources)
    volumes: list[Imported] = []
    vms: list[Vm] = []
    crons: list[tuple[str, Scalar]] = []
    golden: list[Golden] = []
    for file, one in _objects(sources):
        id_ = _id(spaces, file, one)
        if one.kind == DATA_VOLUME:
            volumes.append(_imported(file, one.root, id_))
        elif one.kind == CRON:
            template = below(one.root, "spec", "template", "spec", "source", "registry")
            url = resolved(template.get("url"))
            crons += [(file, url)] if url else []
        elif one.kind == DATA_SOURCE:
            golden += _golden(file, one, id_)
        elif one.kind != BLUEPRINT and (one.instance.pairs or one.machine.pairs):
            vms.append(_vm(file, one, id_))
    return View(tuple(volumes), tuple(vms), tuple(crons), tuple(golden), spaces)


def _objects(sources: Sources) -> Iterator[tuple[str, Object]]:
    for file, text in sorted(sources.texts.items()):
        tree = sources.tree(file) if _GROUP in text else None
        if tree is not None and not isinstance(tree, Refused):
            yield from ((file, one) for one in objects(tree) if one.of_kubevirt)


def _id(spaces: Spaces, file: str, one: Object) -> Name:
    namespace = spaces.namespace(file, _word(one.metadata.get("namespace")))
    return Name(_word(one.metadata.get("name")), namespace)


def _word(node: Node | None) -> str:
    scalar = resolved(node)
    return scalar.value if scalar else ""


def _golden(file: str, one: Object, id_: Name) -> Iterator[Golden]:
    """https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datasources.md."""
    claim = below(one.root, "spec", "source", "pvc")
    name = resolved(claim.get("name"))
    if name is not None and not is_placeholder(name.value):
        target = Name(name.value, _word(claim.get("namespace")) or id_.namespace)
        yield Golden(file, name.line, id_, target)


def _imported(file: str, root: Mapping, id_: Name, vm: Vm | None = None) -> Imported:
    metadata = below(root, "metadata")
    name = metadata.get("name")
    line = name.line if name is not None else root.line
    spec = below(root, "spec")
    return Imported(file, line, id_, spec, metadata, str(vm or ""), bool(vm and vm.kind == POOL))


def _vm(file: str, one: Object, id_: Name) -> Vm:
    vm = Vm(
        file,
        one.root.line,
        id_,
        one.kind,
        annotated(one.metadata),
        resolved(one.machine.get("updateVolumesStrategy")),
        tuple(_volumes(file, one.instance, id_.namespace)),
        (),
        tuple(_images(one.instance)),
    )
    templates = sequence(one.machine.get("dataVolumeTemplates")).items
    return replace(vm, templates=tuple(_template(vm, mapping(item)) for item in templates))


def _template(vm: Vm, root: Mapping) -> Imported:
    """Its DataVolume lies where its machine does, whatever it says itself."""
    name = _word(below(root, "metadata").get("name"))
    return _imported(vm.file, root, Name(name, vm.id.namespace), vm)


def _volumes(file: str, instance: Mapping, namespace: str) -> Iterator[Volume]:
    disks = sequence(below(instance, "domain", "devices").get("disks")).items
    shared = {_word(mapping(one).get("name")) for one in disks if _shareable(mapping(one))}
    for item in sequence(instance.get("volumes")).items:
        name = _word(mapping(item).get("name"))
        volume = resolved(below(item, "dataVolume").get("name"))
        claim = resolved(below(item, "persistentVolumeClaim").get("claimName"))
        copied = resolved(below(item, "ephemeral", "persistentVolumeClaim").get("claimName"))
        target = volume or claim or copied
        if target is not None and not is_placeholder(target.value):
            alone = target is not copied and name not in shared
            to, claimed = Name(target.value, namespace), volume is None
            yield Volume(file, target.line, name, to, alone, claimed)


def _shareable(disk: Mapping) -> bool:
    """CDs are read only, and a disk may be marked for a cluster of machines.

    https://kubevirt.io/user-guide/storage/disks_and_volumes/#disk-sharing
    """
    return disk.get("cdrom") is not None or word(disk.get("shareable")) == "true"


def _images(instance: Mapping) -> Iterator[Scalar]:
    found = [below(one, "containerDisk") for one in sequence(instance.get("volumes")).items]
    found.append(below(instance, "domain", "firmware", "kernelBoot", "container"))
    for one in found:
        image = resolved(one.get("image"))
        if image is not None:
            yield image
