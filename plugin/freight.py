"""Freight: an immutable set of artifacts, its id and its alias."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

from plugin.aliases import ADJECTIVES, ANIMALS
from plugin.errors import Refusal

if TYPE_CHECKING:
    from plugin.artifact import Artifact, Watched

FreightId = NewType("FreightId", str)
SHORT = 12
_ID = re.compile("[0-9a-f]{64}")
# In this order, and each kind in its own, so that freight of images alone keeps its id.
_KINDS = ("Image", "Chart", "Revision", "DiskImage", "Custom")


@dataclass(frozen=True, slots=True)
class Freight:
    """Artifacts of one warehouse that travel together, in one normal order.

    The id is the SHA-256 of the origin and the sorted artifacts, each as a line such as
    `image repository:tag@digest` with the normalised repository name, so that the App, the Action
    and the command line agree on it (after Kargo, whose id is a SHA-1 of the same parts:
    https://docs.kargo.io/user-guide/core-concepts#freight). A subscription's name is part of it
    only where a warehouse has several to one subject.

    A set that a stage holds on its way `towards` freight, where that comes in steps, is none of the
    warehouse's own: the id says so, too, and never equals that of freight with the same artifacts.
    """

    warehouse: str
    artifacts: tuple[Artifact, ...]
    towards: FreightId | None = None

    def __post_init__(self) -> None:
        if not self.artifacts:
            raise Refusal(f"freight of warehouse '{self.warehouse}' needs at least one artifact")
        ordered = tuple(sorted(set(self.artifacts), key=_order))
        if len({artifact.subject for artifact in ordered}) != len(ordered):
            raise Refusal(
                f"freight of warehouse '{self.warehouse}' names a subject more than once: "
                + ", ".join(str(artifact) for artifact in ordered)
            )
        if self.towards is not None and not _ID.fullmatch(self.towards):
            raise Refusal(f"'{self.towards}' is not a freight id: 64 hex digits")
        object.__setattr__(self, "artifacts", ordered)

    @property
    def id(self) -> FreightId:
        """The content's hash, 64 lower-case hex digits."""
        lines = [f"warehouse {self.warehouse}", *map(_line, self.artifacts)]
        if self.towards is not None:
            lines.append(f"towards {self.towards}")
        return FreightId(hashlib.sha256("\n".join(lines).encode()).hexdigest())

    @property
    def aim(self) -> FreightId:
        """The freight of the warehouse that this is or leads to."""
        return self.towards or self.id

    @property
    def short(self) -> str:
        """The beginning of the id, enough for people."""
        return self.id[:SHORT]

    @property
    def alias(self) -> str:
        """Two words for people, derived from the id; never a key."""
        return alias_of(self.id)

    def artifact(self, subject: Watched) -> Artifact | None:
        """The artifact of `subject`, if this freight carries one."""
        return next((one for one in self.artifacts if one.subject == subject), None)

    def tags(self) -> str:
        """The distinct versions, for titles: `2.3.1`, or `2.3.1, 1.0.4`."""
        return ", ".join(dict.fromkeys(one.version for one in self.artifacts))


def _order(artifact: Artifact) -> tuple[int, Watched, str]:
    # A subject stands once, so nothing behind it decides but which of two is named in a refusal.
    return _KINDS.index(type(artifact).__name__), artifact.subject, str(artifact)


def _line(artifact: Artifact) -> str:
    """What the id says of an artifact."""
    kind = type(artifact).__name__
    if kind == "Image" and not artifact.subject.subscription:
        return f"image {artifact}"
    from plugin.artifact.entries import id_line  # loads all kinds, which a render seldom needs

    return id_line(artifact)


def alias_of(freight: FreightId) -> str:
    """Two words for people out of an id: the same id always has the same alias."""
    number = int(freight[:16], 16)
    adjective = ADJECTIVES[number % len(ADJECTIVES)]
    animal = ANIMALS[number // len(ADJECTIVES) % len(ANIMALS)]
    return f"{adjective}-{animal}"
