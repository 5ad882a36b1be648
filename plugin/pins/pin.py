"""The values of finding and bumping: Pin, the parts it is written in, and the answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from plugin.artifact import Subject, Wanted
from plugin.pins.nodes import Event, Refused, Scalar


class Kind(enum.Enum):
    """What sort of place a version is written in."""

    IMAGE = "image"
    KUSTOMIZE_IMAGE = "kustomize-image"
    HELM_VALUES = "helm-values"
    CHART = "chart"
    CHART_DEPENDENCY = "chart-dependency"
    ARGOCD_REVISION = "argocd-revision"
    REMOTE_BASE = "remote-base"
    CONTAINER_DISK = "container-disk"
    DATA_VOLUME = "data-volume"
    DATA_VOLUME_TEMPLATE = "data-volume-template"
    DATA_SOURCE = "data-source"
    MACHINE_VERSION = "machine-version"
    MARKER = "marker"


class Field(enum.Enum):
    """Which part of a version a scalar holds, and in which form."""

    TAG = "1.0, of an image, chart, revision or machine"
    DIGEST = "sha256:..."
    HEX = "the 64 digits of a sha256 digest alone"
    TAG_DIGEST = "1.0@sha256:..., in one scalar"
    SUFFIX = ":1.0 or :1.0@sha256:..., behind an image's repository"
    DIGEST_SUFFIX = "@sha256:..., behind an image's repository"
    ADDRESS = "https://..., of a disk image"
    CHECKSUM = "sha256:..., of a disk image"
    OCI_TAG = "1.0_build, of a chart: the tag of version 1.0+build"
    REVISION_IN_ADDRESS = "v1.0 or a commit id, escaped for an address"
    TAG_IN_ADDRESS = "v1.0, escaped for an address where no commit id may stand"
    NUMBER = "1.2.3, of a machine, where its v is left out"
    MINOR = "v1.2, of a machine"


@dataclass(frozen=True, slots=True)
class Present:
    """A scalar that stands in the file; it is replaced."""

    scalar: Scalar


@dataclass(frozen=True, slots=True)
class Missing:
    """A key the file does not have yet; it is written at `at`, after the event `after`.

    `before` is what separates it from its neighbour (a line end and indentation, or a comma),
    `key` is spelled in the neighbours' quotes and `quotes` says that values are quoted here.
    """

    at: int
    after: int
    before: str
    key: str
    key_style: str
    quotes: bool


@dataclass(frozen=True, slots=True)
class Fixed:
    """Text that the file does not have yet and that is the same for every version.

    It is written at `at`, after the event `after`, and reads as `events`.
    """

    at: int
    after: int
    text: str
    events: tuple[Event, ...]


Slot: TypeAlias = Present | Missing | Fixed


@dataclass(frozen=True, slots=True)
class Part:
    """One scalar that moves with the version: `before`, the field's text, `after`."""

    slot: Slot
    field: Field
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What a marker comment names: a subscription of whoever reads it, or anything asked for."""

    subscription: str

    def __str__(self) -> str:
        return self.subscription


@dataclass(frozen=True, slots=True)
class Pin:
    """A place in a file where a version is written, or where something expects one.

    `line` and `column` count from 1; `value` is the version as the file writes it, quotes
    included. Neither tag nor digest: the place waits for its first version. Without parts, the
    pin is moved together with its disk (`plugin.disks`). `spelling` is the repository as an image
    field writes it, or the name a kustomize entry applies to.
    """

    file: str
    line: int
    column: int
    kind: Kind
    subject: Subject | Named
    tag: str | None
    digest: str | None
    value: str
    parts: tuple[Part, ...] = ()
    spelling: str = ""

    @property
    def version(self) -> str:
        """Tag and digest for people: `1.0`, `1.0@sha256:...`, `sha256:...` or `no version`."""
        return "@".join(part for part in (self.tag, self.digest) if part) or "no version"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.subject} is {self.version}"


@dataclass(frozen=True, slots=True)
class Found:
    """What one file holds: its pins, and look-alikes with the reason they were not taken."""

    pins: tuple[Pin, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One bump: the pin as it was and the version it names now."""

    pin: Pin
    artifact: Wanted

    def __str__(self) -> str:
        now = "@".join(part for part in (self.artifact.tag, self.artifact.digest) if part)
        return f"{self.pin.file}:{self.pin.line}: {self.pin.subject} {self.pin.version} -> {now}"


@dataclass(frozen=True, slots=True)
class Bumped:
    """The new text of a file and what changed in it."""

    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class UpToDate:
    """Every pin already names its artifact, or the file has no pin of them."""
