"""The values of finding and bumping: Pin, where its parts stand, and the answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from plugin.artifact import Artifact, Repository
from plugin.pins.nodes import Refused, Scalar


class Kind(enum.Enum):
    """What sort of place a version is written in."""

    IMAGE = "image"
    KUSTOMIZE_IMAGE = "kustomize-image"


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


Slot: TypeAlias = Present | Missing


@dataclass(frozen=True, slots=True)
class Whole:
    """One scalar `repository:tag@digest`; `spelling` is the repository as the file writes it."""

    scalar: Scalar
    spelling: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of kustomize's `images`: what it applies to, and its two version fields."""

    name: str
    tag: Slot
    digest: Slot


Place: TypeAlias = Whole | Entry


@dataclass(frozen=True, slots=True)
class Pin:
    """A place in a file where a version is written, or where kustomize expects one.

    `line` and `column` count from 1; `value` is the version as the file writes it, quotes
    included. Neither tag nor digest: the entry waits for its first version.
    """

    file: str
    line: int
    column: int
    kind: Kind
    repository: Repository
    tag: str | None
    digest: str | None
    value: str
    place: Place

    @property
    def version(self) -> str:
        """Tag and digest for people: `1.0`, `1.0@sha256:...`, `sha256:...` or `no version`."""
        return "@".join(part for part in (self.tag, self.digest) if part) or "no version"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.repository} is {self.version}"


@dataclass(frozen=True, slots=True)
class Found:
    """What one file holds: its pins, and look-alikes with the reason they were not taken."""

    pins: tuple[Pin, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One bump: the pin as it was and the artifact it names now."""

    pin: Pin
    artifact: Artifact

    def __str__(self) -> str:
        now = f"{self.artifact.tag}@{self.artifact.digest}"
        return f"{self.pin.file}:{self.pin.line}: {self.pin.repository} {self.pin.version} -> {now}"


@dataclass(frozen=True, slots=True)
class Bumped:
    """The new text of a file and what changed in it."""

    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class UpToDate:
    """Every pin already names its artifact, or the file has no pin of them."""
