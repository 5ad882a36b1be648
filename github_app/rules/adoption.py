"""What a stage holds by its record, or by its pins where there is no record yet. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.ledger import Seen
from github_app.warehouse.versions import version_of
from plugin.artifact import Artifact, Watched
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.held import Held
from plugin.holding import Adopted, Holding, Managed, Unmanaged, complete
from plugin.pipeline import Warehouse


def held_freight(holding: Holding, seen: Sequence[Seen]) -> FreightId | None:
    """The freight a stage holds, if that is known: recorded, or found in its pins."""
    match holding:
        case Managed(record):
            return record.freight.id
        case Adopted():
            adopted = adopted_freight(holding, seen)
            return adopted.id if adopted else None
        case _:
            return None


def led_to(holding: Holding) -> FreightId | None:
    """The freight that a stage is on its way to, if it holds a step."""
    match holding:
        case Managed(record):
            return record.freight.towards
        case _:
            return None


def adopted_freight(adopted: Adopted, seen: Sequence[Seen]) -> Freight | None:
    """The newest freight in the ledger that the pins hold; a pin without digest goes by its tag."""
    return next((one.freight for one in reversed(seen) if says(adopted.held, one.freight)), None)


def changed_freight(
    unmanaged: Unmanaged, warehouse: Warehouse, seen: Sequence[Seen]
) -> Freight | None:
    """What the pins say that somebody changed by hand; None where they do not say one whole thing.

    Pins without a record that quarrel are nobody's to take over.
    """
    if unmanaged.record is None:
        return None
    known = next(
        (one.freight for one in reversed(seen) if says(unmanaged.found, one.freight)), None
    )
    if known is not None:
        return known
    artifacts = tuple(complete(unmanaged.found))
    whole = {one.subject for one in unmanaged.found} == {one.subject for one in artifacts}
    if not whole or {one.subject for one in artifacts} != set(warehouse.carries):
        return None
    freight = _freight(warehouse.name, artifacts)
    return freight if freight and says(unmanaged.found, freight) else None


def _freight(warehouse: str, artifacts: tuple[Artifact, ...]) -> Freight | None:
    """The freight of these, unless two of them are versions of one thing."""
    try:
        return Freight(warehouse, artifacts)
    except Refusal:
        return None


def says(found: Sequence[Held], freight: Freight) -> bool:
    """Whether every pin found of the freight's subjects says its version, and none is missing."""
    held: dict[Watched, list[Held]] = {}
    for one in found:
        held.setdefault(one.subject, []).append(one)
    return all(
        artifact.subject in held
        and all(_says(one, artifact.tag, artifact.digest) for one in held[artifact.subject])
        for artifact in freight.artifacts
    )


def _says(held: Held, tag: str, digest: str | None) -> bool:
    return held.tag in {None, tag} and held.digest in {None, digest}


def is_downgrade(old: str, new: str) -> bool:
    """Whether both tags are semantic versions and `new` is the lower one."""
    before, after = version_of(old, strict=True), version_of(new, strict=True)
    return before is not None and after is not None and after < before
