"""What a stage holds by its record, or by its pins where there is no record yet. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.ledger import Seen
from github_app.warehouse.versions import version_of
from plugin.artifact import Watched
from plugin.freight import Freight, FreightId
from plugin.held import Held
from plugin.holding import Adopted, Holding, Managed


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


def adopted_freight(adopted: Adopted, seen: Sequence[Seen]) -> Freight | None:
    """The newest freight in the ledger that the pins hold; a pin without digest goes by its tag."""
    held: dict[Watched, list[Held]] = {}
    for found in adopted.held:
        held.setdefault(found.subject, []).append(found)
    return next(
        (
            one.freight
            for one in reversed(seen)
            if all(
                artifact.subject in held
                and all(
                    _says(said, artifact.tag, artifact.digest) for said in held[artifact.subject]
                )
                for artifact in one.freight.artifacts
            )
        ),
        None,
    )


def _says(held: Held, tag: str, digest: str | None) -> bool:
    return held.tag in {None, tag} and held.digest in {None, digest}


def is_downgrade(old: str, new: str) -> bool:
    """Whether both tags are semantic versions and `new` is the lower one."""
    before, after = version_of(old, strict=True), version_of(new, strict=True)
    return before is not None and after is not None and after < before
