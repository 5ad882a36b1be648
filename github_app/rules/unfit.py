"""Freight that no stage can take as things are now, whatever its upstreams say. Pure."""

from __future__ import annotations

from github_app.picture import ProjectPicture
from github_app.rules.availability import Pending
from plugin.freight import FreightId
from plugin.pipeline import Warehouse
from plugin.subscriptions import TakenWhole


def unfit(picture: ProjectPicture, name: str, freight: FreightId) -> Pending | None:
    """What is wrong with freight of the warehouse called `name`, if anything."""
    found, seen = picture.discoveries.get(name), picture.ledger.find(name, freight)
    had = seen.freight.artifacts if seen else ()
    for one in had:
        if found and one in found.gone:
            return Pending(
                f"{one.subject} {one.version} is gone from its registry: push it again, or "
                "something newer"
            )
    # What another warehouse gives instead would go back with it.
    warehouse = picture.project.warehouse(name)
    carried = warehouse.carries
    for one in had:
        if one.subject not in carried and not _is_unread(warehouse):
            return Pending(f"it carries {one}, which warehouse {name} no longer watches")
    return None


def _is_unread(warehouse: Warehouse) -> bool:
    """Whether a watched directory cannot be read now, so that nobody knows what is watched."""
    return any(isinstance(one, TakenWhole) and one.problems for one in warehouse.subscriptions)
