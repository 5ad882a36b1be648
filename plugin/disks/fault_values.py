"""What faults are looked for in: DataVolumes, templates and machines, well written or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plugin.disks.model import Name
from plugin.pins.kubevirt_objects import POOL, below, resolved
from plugin.pins.kustomize_spaces import Spaces
from plugin.pins.nodes import Alias, Mapping, Node, Scalar, Sequence


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
