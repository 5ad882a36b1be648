"""What is not offered any more: nothing older takes its place, unless somebody's rule says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from github_app.arrivals import NO_ARRIVALS
from github_app.discovery import Discovered, Undiscovered
from github_app.ledger import Seen
from github_app.ports import Known
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.pipeline import Creation, Warehouse
from plugin.subscriptions import ImageSubscription, Selection
from tests.warehouse.images_alone import of_images
from tests.warehouse.shelf import DAY, Shelf, digest, shelf

WEB, API = (Repository.parse(f"ghcr.io/acme/{name}") for name in ("web", "api"))
NOW = DAY + timedelta(days=100)
SEMVER = ImageSubscription("web", WEB)


def took(*sets: tuple[str, ...]) -> Known:
    """A ledger in which these tags of web (and api) were freight, the newest last."""
    numbers = {"1.0.0": 1, "1.1.0": 2}
    freight = (
        Freight(
            "web",
            tuple(
                Image(place, tag, digest(numbers.get(tag, 9)))
                for place, tag in zip((WEB, API), tags, strict=False)
            ),
        )
        for tags in sets
    )
    return Known(tuple(Seen(one, DAY) for one in freight), NO_ARRIVALS)


def discover(
    images: dict[Repository, tuple[str, ...]], known: Known, warehouse: Warehouse
) -> Discovered | Undiscovered:
    registry = Shelf({place: shelf(*tags) for place, tags in images.items()})
    return of_images(registry).discover(warehouse, known, NOW)


def alone(subscription: ImageSubscription = SEMVER) -> Warehouse:
    return Warehouse("web", (subscription,))


@pytest.mark.parametrize(
    "subscription",
    [
        SEMVER,
        replace(SEMVER, select=Selection.LEXICAL),
        replace(SEMVER, select=Selection.NEWEST_BUILD),
    ],
    ids=lambda one: one.select.value,
)
def test_nothing_older_takes_the_place_of_a_deleted_tag(subscription: ImageSubscription) -> None:
    known = took(("1.0.0",), ("1.1.0",))
    found = discover({WEB: ("1.0.0",)}, known, alone(subscription))
    assert isinstance(found, Undiscovered)
    assert "ghcr.io/acme/web 1.1.0, the newest so far, is not offered any more" in found.reason
    assert found.gone == (Image(WEB, "1.1.0", digest(2)),)


def test_not_even_what_was_never_freight() -> None:
    found = discover({WEB: ("1.0.9",)}, took(("1.1.0",)), alone())
    assert isinstance(found, Undiscovered)


def test_what_is_newer_takes_it() -> None:
    found = discover({WEB: ("1.0.0", "1.2.0")}, took(("1.0.0",), ("1.1.0",)), alone())
    assert isinstance(found, Discovered)
    assert found.freight.tags() == "1.2.0"
    assert found.gone == (Image(WEB, "1.1.0", digest(2)),), "and yet it cannot be pulled"


@pytest.mark.parametrize("rule", [{"ignore": (r"^1\.1\.0$",)}, {"constraint": "<1.1"}])
def test_a_rule_that_keeps_it_out_goes_back(rule: dict[str, object]) -> None:
    subscription = replace(SEMVER, **rule)  # type: ignore[arg-type]  # one of its fields
    found = discover({WEB: ("1.0.0", "1.1.0")}, took(("1.1.0",)), alone(subscription))
    assert isinstance(found, Discovered)
    assert found.freight.tags() == "1.0.0"


def test_a_tag_that_moved_and_is_too_young_again_takes_nobody_back() -> None:
    subscription = replace(SEMVER, min_age=timedelta(days=101))
    known = took(("1.0.0",), ("1.2.0",))
    found = discover({WEB: ("1.0.0", "1.1.0", "1.2.0")}, known, alone(subscription))
    assert isinstance(found, Undiscovered)
    assert [one.artifact.tag for one in found.young][:1] == ["1.2.0"]
    assert found.gone == ()


def test_sets_that_match_do_not_go_back_for_one_that_is_gone() -> None:
    both = Warehouse("web", (SEMVER, ImageSubscription("api", API)), match_tags=True)
    known = took(("1.0.0", "1.0.0"), ("1.1.0", "1.1.0"))
    there = {WEB: ("1.0.0", "1.1.0"), API: ("1.0.0",)}
    assert isinstance(discover(there, known, both), Undiscovered)
    asked_for_later = took(("1.1.0", "1.0.0"))
    assert isinstance(discover(there, asked_for_later, both), Discovered), "a person's rule"


def test_criteria_may_be_changed_by_a_person_but_what_is_gone_is_gone() -> None:
    both = Warehouse(
        "web", (SEMVER, ImageSubscription("api", API)), criteria="web.minor == 0 && api.minor == 0"
    )
    known = took(("1.1.0", "1.0.0"))
    there = {WEB: ("1.0.0", "1.1.0"), API: ("1.0.0",)}
    assert isinstance(discover(there, known, both), Discovered)
    assert isinstance(discover({**there, WEB: ("1.0.0",)}, known, both), Undiscovered)


def test_whoever_assembles_freight_by_hand_knows_what_they_do() -> None:
    by_hand = Warehouse("web", (SEMVER,), creation=Creation.MANUAL)
    assert isinstance(discover({WEB: ("1.0.0",)}, took(("1.1.0",)), by_hand), Discovered)
