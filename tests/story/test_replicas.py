"""Two Apps on one repository: GitHub's own uniqueness is the lock between them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.story.weather import first
from tests.story.world import REPOSITORY, Story


@pytest.mark.parametrize("before", range(3))
def test_two_replicas_open_one_pull_request(story: Story, before: int) -> None:
    other = story.another_replica()
    story.settle()
    for _ in range(before):
        story.weather.next("write", lambda real: real())
    story.announce("1.0.0", 1)

    def race() -> None:
        other.worker.next_sweep = None
        for _ in range(10):
            other.worker.step()

    story.weather.next("write", first(race))
    story.settle()
    story.later(timedelta(minutes=2))
    assert story.holds("dev") == "1.0.0"
    assert len([one for one in story.pulls() if one.head_ref == "towline/shop/dev/web"]) == 1
    pull = story.open_pull("staging")
    assert len(story.stand_in.commits(REPOSITORY, pull.number)) == 1
    assert story.check(pull).conclusion == "success"
    assert len(story.pulls()) == 2


def test_two_replicas_update_one_pull_request(story: Story) -> None:
    story.push("1.0.0", 1)
    other = story.another_replica()
    story.settle()
    story.shelf.trouble["web"] = "not yet"
    story.announce("1.1.0", 2)
    del story.shelf.trouble["web"]

    def race() -> None:
        other.worker.next_sweep = None
        for _ in range(10):
            other.worker.step()

    for _ in range(3):
        story.weather.next("write", first(race))
    story.settle()
    story.later(timedelta(minutes=2))
    assert story.holds("dev") == "1.1.0"
    pull = story.open_pull("staging")
    assert pull.title == "Promote shop/web 1.1.0 to staging"
    assert len(story.stand_in.commits(REPOSITORY, pull.number)) == 1
    assert not [one for one in story.stand_in.branches(REPOSITORY) if "scratch" in one]
