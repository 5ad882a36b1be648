"""Where KubeVirt's and CDI's objects stand in a tree, and where a machine keeps its disks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plugin.pins.nodes import Alias, Mapping, Node, Scalar, Tree
from plugin.pins.reading import mapping, sequence, word

GROUP = "kubevirt.io/"
DATA_VOLUME = "DataVolume"
DATA_SOURCE = "DataSource"
CRON = "DataImportCron"
VIRTUAL_MACHINE = "VirtualMachine"
INSTANCE = "VirtualMachineInstance"
POOL = "VirtualMachinePool"
BLUEPRINT = "VirtualMachineTemplate"

# The way to the VirtualMachine's spec, which holds the templates of data volumes, and from the
# object to the instance's spec, which holds the volumes.
# https://kubevirt.io/api-reference/main/definitions.html
_MACHINES = {
    VIRTUAL_MACHINE: ("spec",),
    POOL: ("spec", "virtualMachineTemplate", "spec"),
    BLUEPRINT: ("spec", "virtualMachine", "spec"),
}
_INSTANCES = {
    INSTANCE: ("spec",),
    "VirtualMachineInstanceReplicaSet": ("spec", "template", "spec"),
    **{kind: (*way, "template", "spec") for kind, way in _MACHINES.items()},
}


def machine_way(kind: str) -> tuple[str, ...] | None:
    """The keys from an object of `kind` to the VirtualMachine's spec in it, where it has one."""
    return _MACHINES.get(kind)


def instance_way(kind: str) -> tuple[str, ...] | None:
    """The keys to the spec of a VirtualMachineInstance, likewise."""
    return _INSTANCES.get(kind)


@dataclass(frozen=True, slots=True)
class Object:
    """An object: its kind and mapping, and the number of the document it is or stands in."""

    kind: str
    root: Mapping = field(repr=False)
    document: int
    listed: bool

    @property
    def of_kubevirt(self) -> bool:
        """Whether KubeVirt or CDI defines the kind."""
        return GROUP in word(self.root.get("apiVersion"))

    @property
    def metadata(self) -> Mapping:
        """Name, namespace, annotations."""
        return mapping(self.root.get("metadata"))

    @property
    def machine(self) -> Mapping:
        """The spec of a VirtualMachine, wherever the kind keeps it; empty for other kinds."""
        return below(self.root, *_MACHINES.get(self.kind, ("",)))

    @property
    def instance(self) -> Mapping:
        """The spec of a VirtualMachineInstance, likewise."""
        return below(self.root, *_INSTANCES.get(self.kind, ("",)))


def objects(tree: Tree) -> Iterator[Object]:
    """The objects of every document, those in lists of objects one by one."""
    for number, document in enumerate(tree.documents):
        root = mapping(document)
        kind = word(root.get("kind"))
        if kind.endswith("List"):
            for item in sequence(root.get("items")).items:
                yield Object(word(mapping(item).get("kind")), mapping(item), number, listed=True)
        elif kind:
            yield Object(kind, root, number, listed=False)


def below(node: Node | None, *keys: str) -> Mapping:
    """The mapping behind `keys`, one below the other; empty where there is none."""
    for key in keys:
        node = mapping(node).get(key)
    return mapping(node)


def resolved(node: Node | None) -> Scalar | None:
    """The scalar that stands there, also through an alias."""
    target = node.target if isinstance(node, Alias) else node
    return target if isinstance(target, Scalar) else None


def annotated(metadata: Mapping) -> dict[str, Scalar]:
    """The annotations that are written in place, by name."""
    pairs = mapping(metadata.get("annotations")).named()
    return {key.value: value for key, value in pairs if isinstance(value, Scalar)}
