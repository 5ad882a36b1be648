"""Machines, disks and what points to them, as values with the scalars that say so."""

from __future__ import annotations

import enum
from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from plugin.pins.disk_origin import Origin
from plugin.pins.nodes import Mapping, Scalar, Tree


@dataclass(frozen=True, slots=True)
class Place:
    """A scalar in a file; `aliased` when an alias stands where it counts."""

    file: str
    scalar: Scalar
    tree: Tree = field(compare=False, repr=False)
    aliased: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.scalar.line}"

    @property
    def text(self) -> str:
        """What it says."""
        return self.scalar.value


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a namespace, '' where the file leaves that to whoever applies it."""

    name: str
    namespace: str = ""

    def meets(self, other: Name) -> bool:
        """Whether both can be one object."""
        same = self.namespace == other.namespace or not (self.namespace and other.namespace)
        return same and self.name == other.name

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Disk:
    """A DataVolume that is imported: a document of its own, or a template of a machine.

    `name` is None where it is not written in place; `document` is its number in the file, None
    in a list of objects.
    """

    file: str
    id: Name
    name: Place | None
    origin: Origin
    version: Place | None
    size: str
    document: int | None
    machine: Machine | None
    tree: Tree = field(compare=False, repr=False)

    @property
    def where(self) -> str:
        """File and line of its source, for sentences."""
        return f"{self.file}:{self.origin.url.line}"


class By(enum.Enum):
    """How something refers to a disk."""

    VOLUME = "volumes[].dataVolume.name"
    CLAIM = "volumes[].persistentVolumeClaim.claimName"
    EPHEMERAL = "volumes[].ephemeral.persistentVolumeClaim.claimName"
    DATA_SOURCE = "spec.source.pvc.name"
    CLONE = "source.pvc.name"


@dataclass(frozen=True, slots=True)
class Pointer:
    """One reference to a disk by name; `holder` is the volume's name, or the object's.

    `place` is None where the name is not written in place; `machine` is None outside machines.
    `writable` is False for what the machine only reads, such as an installation CD.
    """

    by: By
    target: Name
    file: str
    line: int
    place: Place | None
    holder: str
    machine: Machine | None
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, or a pool of machines, with what its annotations and spec say about disks.

    `boot` is the volume that it boots from, '' where nobody can see it. `unclear` is the line of an
    alias or a merge key that may say more, or 0.
    """

    file: str
    line: int
    kind: str
    id: Name
    annotations: Map[str, str] = field(hash=False)
    migrates: bool
    pool: Mapping | None = field(default=None, hash=False, repr=False, compare=False)
    sources: tuple[Name, ...] = ()
    unclear: int = 0
    boot: str = ""

    def __str__(self) -> str:
        where = f" in namespace {self.id.namespace}" if self.id.namespace else ""
        return f"{'pool' if self.pool is not None else 'vm'} {self.id.name}{where}"


@dataclass(frozen=True, slots=True)
class Named:
    """A DataVolume document by its name, whatever it is filled from."""

    file: str
    line: int
    id: Name
    has_source: bool


@dataclass(frozen=True, slots=True)
class Managed:
    """A DataSource that a DataImportCron sets by itself."""

    id: Name
    cron: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything about disks in the files of a stage, and the files that cannot be read."""

    disks: tuple[Disk, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    machines: tuple[Machine, ...] = ()
    volumes: tuple[Named, ...] = ()
    managed: tuple[Managed, ...] = ()
    unreadable: tuple[str, ...] = ()
