"""What faults are looked for in: DataVolumes, templates and machines, well written or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Sequence
from plugin.pins.reading import is_placeholder, mapping, sequence, word
from plugin.pins.sources import Sources

_GROUP = "kubevirt.io/"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with disks: an error makes `towline lint` fail."""

    level: str
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A DataVolume, or the template of one in `machine`, which may be a pool."""

    file: str
    line: int
    id: Name
    spec: Mapping = field(repr=False)
    metadata: Mapping = field(repr=False)
    machine: str = ""
    pooled: bool = False

    def __str__(self) -> str:
        if self.machine:
            return f"template '{self.id.name}' of {self.machine}"
        return f"DataVolume '{self.id.name}'"

    @property
    def source(self) -> Mapping:
        """Its one source, empty where it has another form."""
        return below(self.spec, "source")

    @property
    def filled(self) -> bool:
        """Whether it says what it is filled from: a patch of it need not."""
        return any(self.spec.get(one) is not None for one in ("source", "sourceRef"))

    @property
    def origin(self) -> object:
        """Everything that says what it is filled from, for comparison."""
        return plain(self.spec.get("source")), plain(self.spec.get("sourceRef"))

    @property
    def size(self) -> Scalar | None:
        """The size it asks for."""
        for one in ("storage", "pvc"):
            size = resolved(below(self.spec, one, "resources", "requests").get("storage"))
            if size is not None:
                return size
        return None


@dataclass(frozen=True, slots=True)
class Volume:
    """A machine's volume that is a DataVolume, or the claim of one (`claimed`).

    `alone` unless machines may share it: what a machine writes to an ephemeral volume is elsewhere.
    """

    file: str
    line: int
    name: str
    target: Name
    alone: bool
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class Vm:
    """A machine by name, from every document of that name: a patch says a part of it."""

    file: str
    line: int
    id: Name
    kind: str
    annotations: dict[str, Scalar] = field(hash=False)
    strategy: Scalar | None
    volumes: tuple[Volume, ...]
    templates: tuple[Imported, ...]
    images: tuple[Scalar, ...]

    def __str__(self) -> str:
        what = "pool" if self.kind == POOL else "vm"
        return f"{what} {self.id.name}" if self.id.name else f"a {what} without a name"


@dataclass(frozen=True, slots=True)
class Golden:
    """A DataSource, and the claim that every disk made from it is a copy of."""

    file: str
    line: int
    id: Name
    target: Name

    def __str__(self) -> str:
        return f"DataSource '{self.id.name}'"


@dataclass(frozen=True, slots=True)
class View:
    """The disks and machines of a stage, the urls of what imports by itself, and where all lies."""

    volumes: tuple[Imported, ...]
    vms: tuple[Vm, ...]
    crons: tuple[tuple[str, Scalar], ...]
    golden: tuple[Golden, ...]
    spaces: Spaces

    def every_disk(self) -> Iterator[Imported]:
        """DataVolumes and templates."""
        yield from self.volumes
        for vm in self.vms:
            yield from vm.templates


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


def plain(node: Node | None) -> object:
    """A node's value without its place, for comparison."""
    match node:
        case Scalar():
            return node.value
        case Alias():
            return plain(node.target)
        case Sequence():
            return [plain(one) for one in node.items]
        case Mapping():
            return {key.value: plain(value) for key, value in node.named()}
        case None:
            return None
