"""Pins without a record: which known freight they are, and what would take them back. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.ledger import Seen
from github_app.warehouse.versions import version_of
from plugin.freight import Freight
from plugin.promotion import Adopted


def adopted_freight(adopted: Adopted, seen: Sequence[Seen]) -> Freight | None:
    """The newest freight in the ledger that the pins hold; a pin without digest goes by its tag."""
    return next((one.freight for one in reversed(seen) if _agrees(adopted, one.freight)), None)


def _agrees(adopted: Adopted, freight: Freight) -> bool:
    held = {one.repository: one for one in adopted.held}
    return all(
        artifact.repository in held
        and held[artifact.repository].tag in {None, artifact.tag}
        and held[artifact.repository].digest in {None, artifact.digest}
        for artifact in freight.artifacts
    )


def is_downgrade(old: str, new: str) -> bool:
    """Whether both tags are semantic versions and `new` is the lower one."""
    before, after = version_of(old, strict=True), version_of(new, strict=True)
    return before is not None and after is not None and after < before
