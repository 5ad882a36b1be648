"""What a stage's pins of one subject say together, and whether they agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from plugin.artifact import Artifact, Machine, Watched
from plugin.pins.pin import Field, Named, Pin

_HALVES = frozenset({Field.TAG, Field.DIGEST, Field.ADDRESS, Field.CHECKSUM})


@dataclass(frozen=True, slots=True)
class Held:
    """What a stage's pins of one subject say together; a digest nobody wrote is None."""

    subject: Watched
    tag: str | None
    digest: str | None

    @property
    def version(self) -> str:
        """`1.0`, `1.0@sha256:...` or `sha256:...`."""
        return "@".join(part for part in (self.tag, self.digest) if part)

    def __str__(self) -> str:
        return f"{self.subject} {self.version}"


def held_by(pins: tuple[Pin, ...]) -> tuple[Held, ...]:
    """One value per subject, by kind and name; several where its pins say different things.

    A tag here and a digest there differ: nobody said that they belong together, unless the two
    were declared to be the halves of one version.
    """
    said: dict[Watched, list[Pin]] = {}
    for pin in pins:
        if not isinstance(pin.subject, Machine | Named) and (pin.tag or pin.digest):
            said.setdefault(pin.subject, []).append(pin)
    ordered = sorted(said, key=lambda one: (type(one).__name__, one))
    return tuple(one for subject in ordered for one in _merged(subject, said[subject]))


def _merged(subject: Watched, pins: list[Pin]) -> tuple[Held, ...]:
    said = [Held(subject, one.tag, one.digest) for one in pins]
    fullest = max(
        (*said, *_joined(subject, pins)),
        key=lambda one: (bool(one.tag) + bool(one.digest), bool(one.tag)),
    )
    agreed = all(agrees(one, fullest) for one in said)
    return (fullest,) if agreed else tuple(dict.fromkeys(said))


def _joined(subject: Watched, pins: list[Pin]) -> tuple[Held, ...]:
    """What a tag and a digest in scalars of their own say together, such as two marked ones."""
    halves = [one for one in pins if len(one.parts) == 1 and one.parts[0].field in _HALVES]
    tags, digests = ({one.tag for one in halves} - {None}, {one.digest for one in halves} - {None})
    if len(tags) != 1 or len(digests) != 1:
        return ()
    return (Held(subject, tags.pop(), digests.pop()),)


def held_of(artifact: Artifact) -> Held:
    """What pins say that name the artifact."""
    return Held(artifact.subject, artifact.tag, artifact.digest)


def quarrelling(held: tuple[Held, ...], pins: tuple[Pin, ...]) -> tuple[Pin, ...]:
    """The pins of every subject that `held` knows more than one version of."""
    count: Counter[object] = Counter(one.subject for one in held)
    return tuple(pin for pin in pins if count[pin.subject] > 1 and (pin.tag or pin.digest))


def agrees(pin: Pin | Held, held: Held) -> bool:
    """Whether `pin` says nothing else than `held`: a part that it leaves out is no difference."""
    same_tag = pin.tag is None or pin.tag == held.tag
    same_digest = pin.digest is None or pin.digest == held.digest
    return bool(pin.tag or pin.digest) and same_tag and same_digest
