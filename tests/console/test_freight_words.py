"""A manual warehouse's freight is told apart from what its sources offer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from github_app.console.freight_words import found_json, last_assembled, said_of
from github_app.console.warehouses import AskedWarehouse
from github_app.discovery import Discovered
from github_app.ledger import Seen
from github_app.ports import Known
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.pipeline import Creation, Project, Warehouse
from plugin.subscriptions import ImageSubscription

WEB = Repository.parse("ghcr.io/acme/web")
OLD, NEW = (Freight("web", (Image(WEB, tag, f"sha256:{tag[0] * 64}"),)) for tag in ("1.0", "2.0"))
KNOWN = Known((Seen(OLD, datetime(2026, 1, 1, tzinfo=UTC)),))


def asked(creation: Creation, known: Known = KNOWN) -> AskedWarehouse:
    warehouse = Warehouse("web", (ImageSubscription("web", WEB),), creation)
    return AskedWarehouse(Project("shop", "towline.yaml", (warehouse,), ()), warehouse, known)


def test_what_is_found_is_no_freight_where_people_assemble_it() -> None:
    found = Discovered(NEW)
    name = f"{NEW.alias} {NEW.short}"
    assert said_of(asked(Creation.AUTO), found) == f"{name}, 2.0"
    assert said_of(asked(Creation.MANUAL), found) == f"could be assembled of 2.0, {name}"


def test_what_people_assembled_last_is_told() -> None:
    assert last_assembled(KNOWN) == f"assembled last: {OLD.alias} {OLD.short}, 1.0"
    assert last_assembled(Known()) == "nothing has been assembled yet"


@pytest.mark.parametrize(
    ("creation", "assembled"), [(Creation.AUTO, None), (Creation.MANUAL, OLD.id)]
)
def test_programs_get_both(creation: Creation, assembled: str | None) -> None:
    told = found_json(asked(creation), Discovered(NEW))
    assert (told["creation"], told["freight"]["id"]) == (creation.value, NEW.id)
    assert (told["assembled"] or {}).get("id") == assembled
