"""A warehouse's newest freight, whatever its registries do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from github_app.picture import Discovered, Undiscovered
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from github_app.warehouse.discover import RegistryDiscovery
from github_app.warehouse.memory import RememberingRegistry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.ports import Registry, Resolved
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Image, Repository
from plugin.errors import Refusal, Temporary
from plugin.freight import Freight
from plugin.pipeline import Warehouse
from plugin.subscriptions import ImageSubscription, Selection

WEB = Repository.parse("ghcr.io/acme/web")
DB = Repository.parse("ghcr.io/acme/db")
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


@dataclass
class Shelf:
    """A registry as a table; `listed` are tags that are listed but gone."""

    images: dict[Repository, dict[str, Resolved]]
    listed: tuple[str, ...] = ()
    broken: dict[Repository, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def tags(self, repository: Repository) -> tuple[str, ...]:
        if repository in self.broken:
            raise self.broken[repository]
        return (*self.listed, *self.images[repository])

    def resolve(self, repository: Repository, tag: str) -> Resolved | None:
        self.asked.append(tag)
        return self.images[repository].get(tag)

    def digest(self, repository: Repository, tag: str) -> str | None:
        found = self.images[repository].get(tag)
        return None if found is None else found.digest


def shelf(*tags: str, built: tuple[int, ...] = ()) -> dict[str, Resolved]:
    times = built or (0,) * len(tags)
    return {
        tag: Resolved(digest(place), MANIFEST, {}, DAY + timedelta(days=days))
        for place, (tag, days) in enumerate(zip(tags, times, strict=True), 1)
    }


def subscribed(
    repository: Repository = WEB,
    select: Selection = Selection.SEMVER,
    constraint: str | None = None,
) -> ImageSubscription:
    return ImageSubscription(repository.path, repository, select, constraint)


def discover(registry: Registry, *subscriptions: ImageSubscription) -> Discovered | Undiscovered:
    return RegistryDiscovery(registry).discover(Warehouse("web", subscriptions))


def test_freight_is_the_best_of_every_subscription() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "1.1.0", "2.0.0"), DB: shelf("7.0.0")})
    found = discover(registry, subscribed(constraint="^1"), subscribed(DB))
    images = (Image(WEB, "1.1.0", digest(2)), Image(DB, "7.0.0", digest(1)))
    assert found == Discovered(Freight("web", images))
    assert registry.asked == ["1.1.0", "7.0.0"]


def test_a_tag_that_is_listed_but_gone_is_passed_over() -> None:
    found = discover(Shelf({WEB: shelf("1.0.0")}, listed=("9.0.0",)), subscribed())
    assert found == Discovered(Freight("web", (Image(WEB, "1.0.0", digest(1)),)))


def test_the_newest_build_is_found_by_asking_for_each() -> None:
    registry = Shelf({WEB: shelf("a", "b", "c", built=(1, 9, 3))})
    found = discover(registry, subscribed(select=Selection.NEWEST_BUILD))
    assert found == Discovered(Freight("web", (Image(WEB, "b", digest(2)),)))


def test_too_many_tags_to_ask_for_each_are_refused() -> None:
    registry = Shelf({WEB: shelf(*(f"t{number}" for number in range(201)))})
    found = discover(registry, subscribed(select=Selection.NEWEST_BUILD))
    assert isinstance(found, Undiscovered)
    assert "at most 200" in found.reason
    assert registry.asked == []


def test_nothing_that_fits_is_said_with_the_rule() -> None:
    registry = Shelf({WEB: shelf("1.0.0", "latest")})
    assert discover(registry, subscribed(constraint="^2")) == Undiscovered(
        "warehouse 'web': none of the 2 tags of ghcr.io/acme/web fits (semver ^2)"
    )
    assert discover(registry, subscribed(select=Selection.DIGEST, constraint="edge")) == (
        Undiscovered("warehouse 'web': ghcr.io/acme/web has no tag 'edge'")
    )
    assert discover(Shelf({WEB: {}}), subscribed(select=Selection.NEWEST_BUILD)) == Undiscovered(
        "warehouse 'web': none of the 0 tags of ghcr.io/acme/web fits (newest-build)"
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


def test_requests_to_a_real_registry_stay_within_budget(
    registry_binary: Path, tmp_path: Path
) -> None:
    asked: list[str] = []
    session = requests.Session()
    session.hooks["response"].append(lambda answer, **_: asked.append(answer.url))
    now = [DAY]
    with registry(registry_binary, tmp_path) as running:
        place, pusher = Repository(running.host, "acme/web"), Pusher(running.url)
        remembering = RememberingRegistry(
            OciRegistry(RegistryHttp(session, lambda host: None)), lambda: now[0]
        )

        def requests_for(expected: str) -> int:
            asked.clear()
            found = discover(remembering, subscribed(place, constraint="^1"))
            assert isinstance(found, Discovered)
            (artifact,) = found.freight.artifacts
            assert artifact.digest == expected
            return len(asked)

        first = pusher.push_image("acme/web", "1.0.0", image({"v": b"1"}))
        assert requests_for(first) == 3, "new to us: tags, manifest, config"
        now[0] += timedelta(minutes=2)
        assert requests_for(first) == 1, "a sweep that finds nothing new: tags"
        now[0] += timedelta(minutes=10)
        assert requests_for(first) == 2, "now and then: has the newest tag moved?"
        arches = tuple(image({"v": b"2"}, architecture=name) for name in ("amd64", "arm64"))
        second = pusher.push_index("acme/web", "1.1.0", arches)
        remembering.told(place, "1.1.0")
        assert requests_for(second) == 3, "a tag event, two platforms: index, manifest, config"
