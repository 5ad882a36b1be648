"""How many requests a real registry gets: counted, because registries count them, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.artifact.platform import Platform
from plugin.subscriptions import ImageSubscription, Selection
from tests.warehouse.asked_registry import AskedRegistry, arches, asked_registry, built


@pytest.fixture
def there(registry_binary: Path, tmp_path: Path) -> Iterator[AskedRegistry]:
    with asked_registry(registry_binary, tmp_path) as there:
        yield there


def test_one_tag_event_costs_three_requests(there: AskedRegistry) -> None:
    place = there.repository("acme/web")
    web = ImageSubscription("web", place, constraint="^1")
    there.pusher.push_image("acme/web", "1.0.0", built("1.0.0"))
    there.found(web)
    assert len(there.asked) == 3, "new to us: tags, manifest, config"
    there.pusher.push_image("acme/web", "1.1.0", built("1.1.0"))
    there.remembering.told(place, "1.1.0")
    (found,) = there.found(web)
    assert found.version == "1.1.0"
    assert len(there.asked) == 2, "manifest, config"
    there.pusher.push_index("acme/web", "1.2.0", arches("1.2.0"))
    there.remembering.told(place, "1.2.0")
    (found,) = there.found(web)
    assert found.version == "1.2.0"
    assert len(there.asked) == 3, "index, manifest, config"
    there.pusher.push_index("acme/web", "1.2.0", arches("again"))
    there.remembering.told(place, "1.2.0")
    there.found(web)
    assert len(there.asked) == 3, "another image behind the tag"


def test_an_event_for_a_tag_that_no_rule_takes_costs_nothing(there: AskedRegistry) -> None:
    place = there.repository("acme/web")
    web = ImageSubscription("web", place, constraint="^1")
    there.pusher.push_image("acme/web", "1.0.0", built("1.0.0"))
    there.found(web)
    there.remembering.told(place, "pr-17")
    there.found(web)
    assert there.asked == []


def test_a_sweep_over_what_is_unchanged_costs_one_request_each(there: AskedRegistry) -> None:
    for path in ("acme/web", "acme/api", "acme/nightly"):
        for number in range(5):
            there.pusher.push_index(path, f"1.{number}.0", arches(f"{path} {number}"))
    there.pusher.push_image("acme/edge", "latest", built("latest"))
    subscriptions = (
        ImageSubscription("web", there.repository("acme/web")),
        ImageSubscription("api", there.repository("acme/api"), Selection.LEXICAL, limit=3),
        ImageSubscription("nightly", there.repository("acme/nightly"), Selection.NEWEST_BUILD),
        ImageSubscription("edge", there.repository("acme/edge"), Selection.DIGEST, "latest"),
        ImageSubscription(
            "arm", there.repository("acme/web"), platform=Platform.parse("linux/arm64")
        ),
    )
    first = there.found(*subscriptions)
    for _ in range(20):
        assert there.swept(*subscriptions) == first
        assert len(there.asked) <= len(subscriptions)
        there.found(*subscriptions)
        assert there.asked == [], "looking again within a sweep costs nothing"


def test_ten_thousand_tags_are_listed_once_and_filtered_first(there: AskedRegistry) -> None:
    there.pusher.push_image("acme/web", "0.0.0", built("0.0.0"))
    tags = there.storage / "acme" / "web" / "_manifests" / "tags"
    for number in range(1, 10_000):
        (tags / f"{number % 10}.{number}.0").symlink_to("0.0.0")
    web = ImageSubscription("web", there.repository("acme/web"), constraint="^3", ignore=("99",))
    (found,) = there.found(web)
    assert found.version == "3.9893.0"
    pages = [one for one in there.asked if "/tags/list" in one]
    assert len(pages) == len(set(pages)) == 10
    assert len(there.asked) == 10 + 2, "manifest and config of one tag"
    for _ in range(7):
        assert there.swept(web) == (found,)
        assert len(there.asked) == 1, "a sweep over what is unchanged"
