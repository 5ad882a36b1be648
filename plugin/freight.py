"""Freight: an immutable set of artifacts, its id and its alias."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

from plugin.aliases import ADJECTIVES, ANIMALS
from plugin.errors import Refusal

if TYPE_CHECKING:
    from plugin.artifact import Artifact, Repository

FreightId = NewType("FreightId", str)
SHORT = 12


@dataclass(frozen=True, slots=True)
class Freight:
    """Artifacts of one warehouse that travel together, in one normal order.

    The id is the SHA-256 of the origin and the sorted artifacts, each as
    `kind repository:tag@digest` with the normalised repository name, so that the App, the Action
    and the command line agree on it (after Kargo, whose id is a SHA-1 of the same parts:
    https://docs.kargo.io/user-guide/core-concepts#freight).
    """

    warehouse: str
    artifacts: tuple[Artifact, ...]

    def __post_init__(self) -> None:
        if not self.artifacts:
            raise Refusal(f"freight of warehouse '{self.warehouse}' needs at least one artifact")
        ordered = tuple(sorted(set(self.artifacts)))
        if len({artifact.repository for artifact in ordered}) != len(ordered):
            raise Refusal(
                f"freight of warehouse '{self.warehouse}' names a repository more than once: "
                + ", ".join(str(artifact) for artifact in ordered)
            )
        object.__setattr__(self, "artifacts", ordered)

    @property
    def id(self) -> FreightId:
        """The content's hash, 64 lower-case hex digits."""
        lines = [f"warehouse {self.warehouse}", *(f"image {one}" for one in self.artifacts)]
        return FreightId(hashlib.sha256("\n".join(lines).encode()).hexdigest())

    @property
    def short(self) -> str:
        """The beginning of the id, enough for people."""
        return self.id[:SHORT]

    @property
    def alias(self) -> str:
        """Two words for people, derived from the id; never a key."""
        return alias_of(self.id)

    def artifact(self, repository: Repository) -> Artifact | None:
        """The artifact of `repository`, if this freight carries one."""
        return next((one for one in self.artifacts if one.repository == repository), None)

    def tags(self) -> str:
        """The distinct tags, for titles: `2.3.1`, or `2.3.1, 1.0.4`."""
        return ", ".join(dict.fromkeys(one.tag for one in self.artifacts))


def alias_of(freight: FreightId) -> str:
    """Two words for people out of an id: the same id always has the same alias."""
    number = int(freight[:16], 16)
    adjective = ADJECTIVES[number % len(ADJECTIVES)]
    animal = ANIMALS[number // len(ADJECTIVES) % len(ANIMALS)]
    return f"{adjective}-{animal}"
