"""What was committed to an image's source, in the pull request that promotes the image."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.stand_in import StandIn
from plugin.artifact import Repository
from tests.github_app.promotions import says
from tests.story.world import IMAGE, Story, told

SOURCE = "acme/web"


def founded(stand_in: StandIn) -> None:
    """The image is built from a repository of the same organization."""
    stand_in.create_repository("acme", "web", {"README.md": "The shop's front\n"}, private=True)
    stand_in.add_collaborator(SOURCE, "alice", "write")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Story]:
    with told(tmp_path, before=founded) as story:
        yield story


def built(story: Story, tag: str, number: int, *subjects: str, source: str = "") -> None:
    """Commits to the source, then an image of the last one is pushed."""
    oid = ""
    for subject in subjects:
        oid = story.stand_in.commit(SOURCE, "main", {"a": subject}, subject, "alice")
    address = source or story.outside.url.replace("http://", "https://") + f"/{SOURCE}"
    story.shelf.facts[Repository.parse(IMAGE)] = says(tag, oid, address)
    story.push(tag, number)


def body(story: Story) -> str:
    """What staging's pull request says once the App has looked again."""
    story.later(timedelta(minutes=1))
    return story.open_pull("staging").body or ""


def test_the_commits_between_are_listed(shop: Story) -> None:
    built(shop, "1.0.0", 1, "Begin")
    shop.merge(shop.open_pull("staging"))
    built(shop, "1.1.0", 2, "Round prices up", "Fix @acme/everyone #12")
    said = body(shop)
    assert "**2 commits of** `ghcr.io/acme/web`" in said
    first, second = (line for line in said.splitlines() if line.startswith("* `"))
    assert first.endswith("Fix `@acme/everyone` `#12` (`alice`)")
    assert second.endswith("Round prices up (`alice`)")


def test_a_promotion_costs_no_request_more_for_them(shop: Story) -> None:
    built(shop, "1.0.0", 1, "Begin")
    shop.merge(shop.open_pull("staging"))
    built(shop, "1.1.0", 2, "Round prices up")
    before = body(shop)
    asked = len(shop.weather.said("write"))
    shop.later(timedelta(minutes=10))
    assert len(shop.weather.said("write")) == asked
    assert body(shop) == before


def test_a_source_that_cannot_be_read_is_left_out(shop: Story) -> None:
    built(shop, "1.0.0", 1, "Begin", source="https://github.com/acme/web")
    shop.merge(shop.open_pull("staging"))
    built(shop, "1.1.0", 2, "Round prices up", source="https://github.com/acme/web")
    said = body(shop)
    assert "commit" not in said.partition("### Gates")[2].partition("### Pipeline")[0].replace(
        "one commit, Towline's own", ""
    )
    assert "[changes](https://github.com/acme/web/compare/" in said
    assert shop.check(shop.open_pull("staging")).conclusion == "success"
