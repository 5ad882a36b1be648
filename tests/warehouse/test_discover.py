"""A warehouse's newest freight, whatever its registries do."""

from __future__ import annotations

from github_app.picture import Discovered, Undiscovered
from github_app.warehouse.discover import RegistryDiscovery
from github_app.warehouse.ports import Registry
from plugin.artifact import Image, Repository
from plugin.artifact.platform import Platform
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.subscriptions import ImageSubscription, Selection
from tests.warehouse.shelf import Shelf, digest, shelf

WEB = Repository.parse("ghcr.io/acme/web")
DB = Repository.parse("ghcr.io/acme/db")


def subscribed(
    repository: Repository = WEB,
    select: Selection = Selection.SEMVER,
    constraint: str | None = None,
    platform: Platform | None = None,
) -> ImageSubscription:
    return ImageSubscription(repository.path, repository, select, constraint, platform=platform)


def discover(registry: Registry, *subscriptions: ImageSubscription) -> Discovered | Undiscovered:
    return RegistryDiscovery(registry).discover(Warehouse("web", subscriptions))


def test_freight_is_the_best_of_every_subscription() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "1.1.0", "2.0.0"), DB: shelf("7.0.0")})
    found = discover(registry, subscribed(constraint="^1"), subscribed(DB))
    images = (Image(WEB, "1.1.0", digest(2)), Image(DB, "7.0.0", digest(1)))
    assert found == Discovered(Freight("web", images))
    assert registry.asked == ["1.1.0", "7.0.0"]


def test_nothing_that_fits_is_said_with_the_rule() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "latest")})
    assert discover(registry, subscribed(constraint="^2")) == Undiscovered(
        "warehouse 'web': no tag of ghcr.io/acme/web fits (semver ^2)"
    )
    assert discover(registry, subscribed(platform=Platform.parse("linux/arm64/v8"))) == (
        Undiscovered("warehouse 'web': no tag of ghcr.io/acme/web fits (semver, linux/arm64)")
    )
    assert discover(registry, subscribed(select=Selection.DIGEST, constraint="edge")) == (
        Undiscovered("warehouse 'web': ghcr.io/acme/web has no tag 'edge'")
    )
    assert discover(Shelf({WEB: {}}), subscribed(select=Selection.NEWEST_BUILD)) == Undiscovered(
        "warehouse 'web': no tag of ghcr.io/acme/web fits (newest-build)"
    )


def test_a_registry_that_is_busy_or_refuses_is_a_reason_not_an_error() -> None:
    for error in (Temporary("ghcr.io answers 500"), Refusal("no rights")):
        registry = Shelf({WEB: shelf("1.0.0"), DB: {}}, broken={DB: error})
        found = discover(registry, subscribed(), subscribed(DB))
        assert found == Undiscovered(f"warehouse 'web': {error}")


def test_a_constraint_that_is_none_is_a_reason_too() -> None:
    found = discover(Shelf({WEB: shelf("1.0.0")}), subscribed(constraint="newest"))
    assert isinstance(found, Undiscovered)
    assert "'newest' is not a version constraint" in found.reason
