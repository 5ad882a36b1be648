"""A warehouse's newest freight, whatever those who are asked for it do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from github_app.discovery import Discovered, Undiscovered, Young
from github_app.ports import Known
from github_app.warehouse.ports import Registry
from plugin.artifact import Image, Repository
from plugin.artifact.platform import Platform
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.subscriptions import (
    ImageSubscription,
    PathSubscription,
    Selection,
)
from tests.warehouse.images_alone import of_images
from tests.warehouse.shelf import DAY, Shelf, digest, shelf

WEB = Repository.parse("ghcr.io/acme/web")
DB = Repository.parse("ghcr.io/acme/db")
NOW = DAY + timedelta(days=100)


def subscribed(
    repository: Repository = WEB,
    select: Selection = Selection.SEMVER,
    constraint: str | None = None,
    platform: Platform | None = None,
) -> ImageSubscription:
    return ImageSubscription(repository.path, repository, select, constraint, platform=platform)


def discover(registry: Registry, *subscriptions: ImageSubscription) -> Discovered | Undiscovered:
    return of_images(registry).discover(Warehouse("web", subscriptions), Known(), NOW)


def reason(registry: Registry, *subscriptions: ImageSubscription) -> str:
    found = discover(registry, *subscriptions)
    assert isinstance(found, Undiscovered)
    return found.reason


def test_w6_freight_is_the_best_of_every_subscription() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "1.1.0", "2.0.0"), DB: shelf("7.0.0", "6.0.0")})
    found = discover(registry, subscribed(constraint="^1"), subscribed(DB))
    images = (Image(WEB, "1.1.0", digest(2)), Image(DB, "7.0.0", digest(1)))
    assert found == Discovered(Freight("web", images))
    assert registry.asked == ["1.1.0", "7.0.0"], "nobody asks for what is not wanted"


def test_what_images_say_of_themselves_comes_along() -> None:
    said = {"org.opencontainers.image.source": "https://example.com"}
    images = {tag: replace(one, facts=said) for tag, one in shelf("1.0.0").items()}
    found = discover(Shelf({WEB: images}), subscribed())
    assert isinstance(found, Discovered)
    assert found.facts == {WEB: tuple(said.items())}


def test_nothing_that_fits_is_said_with_the_rule() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "latest")})
    assert "ghcr.io/acme/web fits" in reason(registry, subscribed(constraint="^2"))
    assert "^2" in reason(registry, subscribed(constraint="^2"))
    arm = subscribed(platform=Platform.parse("linux/arm64/v8"))
    assert "linux/arm64" in reason(registry, arm)
    edge = subscribed(select=Selection.DIGEST, constraint="edge")
    assert "ghcr.io/acme/web has no tag 'edge'" in reason(registry, edge)
    empty = reason(Shelf({WEB: {}}), subscribed(select=Selection.NEWEST_BUILD))
    assert "ghcr.io/acme/web has no tags (yet): push one, or mend its name" in empty


@pytest.mark.parametrize("error", [Temporary("ghcr.io answers 500"), Refusal("no rights")])
def test_w6_a_registry_that_is_busy_or_refuses_is_a_reason_not_an_error(error: Exception) -> None:
    registry = Shelf({WEB: shelf("1.0.0"), DB: {}}, broken={DB: error})
    assert reason(registry, subscribed(), subscribed(DB)) == f"warehouse 'web': {error}"


def test_a_constraint_that_is_none_is_a_reason_too() -> None:
    found = reason(Shelf({WEB: shelf("1.0.0")}), subscribed(constraint="newest"))
    assert "'newest' is not a version constraint" in found


def test_what_is_too_young_waits_and_the_next_best_is_taken() -> None:
    old, new = NOW - timedelta(days=4), NOW - timedelta(days=2)
    images = shelf("1.0.0", "1.1.0")
    images["1.0.0"] = replace(images["1.0.0"], created=old)
    images["1.1.0"] = replace(images["1.1.0"], created=new)
    found = discover(Shelf({WEB: images}), replace(subscribed(), min_age=timedelta(days=3)))
    assert isinstance(found, Discovered)
    assert found.freight.artifacts == (Image(WEB, "1.0.0", digest(1)),)
    young = Young("acme/web", Image(WEB, "1.1.0", digest(2)), new, NOW + timedelta(days=1))
    assert found.young == (young,)


def test_any_version_that_is_there_can_be_assembled_by_hand() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "2.0.0"), DB: shelf("7.0.0")})
    warehouse = Warehouse("web", (subscribed(), subscribed(DB)))
    versions = {"acme/web": "1.0.0", "acme/db": "7.0.0"}
    found = of_images(registry).assemble(warehouse, versions, Known(), NOW)
    images = (Image(WEB, "1.0.0", digest(1)), Image(DB, "7.0.0", digest(1)))
    assert found == Discovered(Freight("web", images))
    for wrong, text in (
        ({"acme/web": "1.0.0"}, "'acme/db', too"),
        ({**versions, "api": "1"}, "no subscription called 'api'"),
        ({**versions, "acme/web": "3.0.0"}, r"ghcr\.io/acme/web has no version '3\.0\.0'"),
    ):
        with pytest.raises(Refusal, match=text):
            of_images(registry).assemble(warehouse, wrong, Known(), NOW)


def test_nobody_chooses_what_a_directory_holds() -> None:
    subscriptions = (subscribed(), PathSubscription("dev", "stages/dev"))
    with pytest.raises(Refusal) as refused:
        of_images(Shelf({WEB: shelf("1.0.0")})).assemble(
            Warehouse("web", subscriptions), {"acme/web": "1.0.0", "dev": "1.0.0"}, Known(), NOW
        )
    assert str(refused.value) == "what 'dev' holds is taken as it is; leave it out"
