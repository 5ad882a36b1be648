"""A warehouse's freight in a line and for programs: what there is, or only could be assembled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from github_app.console.warehouses import AskedWarehouse
from github_app.discovery import Discovered, Discovery, Undiscovered
from github_app.ports import Known
from plugin.artifact.entries import entry_of
from plugin.freight import Freight
from plugin.pipeline import Creation


def said_of(asked: AskedWarehouse, found: Discovery) -> str:
    """The freight that was found; nothing of a manual warehouse is freight by being found."""
    match found:
        case Discovered(freight) if asked.warehouse.creation is Creation.MANUAL:
            return f"could be assembled of {freight.tags()}, {_named(freight)}"
        case Discovered(freight):
            return f"{_named(freight)}, {freight.tags()}"
        case Undiscovered(reason):
            return f"no freight: {reason.partition(': ')[2] or reason}"
        case _:
            assert_never(found)


def last_assembled(known: Known) -> str:
    """The newest freight that people have assembled, as the ledger has it."""
    if known.last is None:
        return "nothing has been assembled yet"
    return f"assembled last: {_named(known.last)}, {known.last.tags()}"


def _named(freight: Freight) -> str:
    return f"{freight.alias} {freight.short}"


def found_json(asked: AskedWarehouse, found: Discovery) -> Mapping[str, Any]:
    """A warehouse's freight for programs, or why there is none.

    Of a manual warehouse, `freight` could be assembled, and `assembled` was, the last time.
    """
    manual = asked.warehouse.creation is Creation.MANUAL
    last = asked.known.last
    return {
        "project": asked.project.name,
        "warehouse": asked.warehouse.name,
        "creation": asked.warehouse.creation.value,
        "freight": _freight_json(found.freight) if isinstance(found, Discovered) else None,
        "assembled": _freight_json(last) if manual and last else None,
        "passedOver": found.passed_over or None if isinstance(found, Discovered) else None,
        "reason": found.reason if isinstance(found, Undiscovered) else None,
    }


def _freight_json(freight: Freight) -> Mapping[str, Any]:
    return {
        "id": freight.id,
        "alias": freight.alias,
        "artifacts": [entry_of(one) for one in freight.artifacts],
    }
