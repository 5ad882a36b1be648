"""Freight that nobody could pull, for its registry has it no more. Pure."""

from __future__ import annotations

from github_app.picture import ProjectPicture
from github_app.rules.availability import Pending
from plugin.freight import FreightId


def gone(picture: ProjectPicture, warehouse: str, freight: FreightId) -> Pending | None:
    """What of the freight is gone, if anything."""
    found = picture.discoveries.get(warehouse)
    seen = picture.ledger.find(warehouse, freight) if found and found.gone else None
    for one in seen.freight.artifacts if seen else ():
        if found and one in found.gone:
            return Pending(
                f"{one.subject} {one.version} is gone from its registry: push it again, or "
                "something newer"
            )
    return None
