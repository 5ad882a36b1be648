"""Where the App is installed changes: nothing breaks, and others go on."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Protection, Settings
from tests.story.world import FILES, REPOSITORY, Story, told


def two_repositories(stand_in: StandIn) -> None:
    """A second repository of the same making."""
    stand_in.create_repository("acme", "second", FILES)
    stand_in.add_collaborator("acme/second", "alice", "write")
    stand_in.protect("acme/second", "main", Protection(allow_force=True))


def second_pulls(story: Story) -> list[str]:
    """The titles of the second repository's pull requests."""
    return [one.title for one in story.stand_in.pull_requests("acme/second")]


def test_one_push_reaches_every_subscriber(tmp_path: Path) -> None:
    with told(tmp_path, before=two_repositories) as story:
        story.push("1.0.0", 1)
        assert len(story.pulls()) == len(second_pulls(story)) == 2


def test_an_archived_repository_stops_no_other_one(tmp_path: Path) -> None:
    with told(tmp_path, before=two_repositories) as story:
        story.stand_in.configure(REPOSITORY, Settings(archived=True))
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=2))
        assert not story.pulls()
        assert len(second_pulls(story)) == 2
        story.stand_in.configure(REPOSITORY, Settings())
        story.later(timedelta(minutes=2))
        assert len(story.pulls()) == 2


def test_an_uninstalled_app_leaves_things_as_they_are(story: Story) -> None:
    story.push("1.0.0", 1)
    installation = story.app.worker.places.every()[0].installation
    story.stand_in.uninstall(installation)
    story.push("1.1.0", 2)
    story.later(timedelta(minutes=4))
    assert story.open_pull("staging").title == "Promote shop/web 1.0.0 to staging"
    assert story.app.worker.places.every() == ()
    story.stand_in.install("towline", "acme")
    story.settle()
    assert story.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"


def test_a_repository_taken_out_of_the_installation(tmp_path: Path) -> None:
    with told(tmp_path, before=two_repositories) as story:
        installation = story.app.worker.places.every()[0].installation
        story.stand_in.change_installation(installation, add=["second"])
        story.push("1.0.0", 1)
        assert not story.pulls()
        assert len(second_pulls(story)) == 2
        story.stand_in.change_installation(installation, add=["shop"])
        story.settle()
        assert len(story.pulls()) == 2


def test_a_webhook_for_a_repository_we_are_not_in(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    story.commit("main", {"notes.md": "hello\n"})
    sent = [one for one in story.stand_in.deliveries("towline") if one.event == "push"][-1]
    body = json.loads(sent.request_body)
    body["repository"]["full_name"] = "other/place"
    looks = len(story.weather.said("look"))
    with caplog.at_level(logging.INFO):
        story.deliver("push", body)
    assert len(story.weather.said("look")) == looks
    assert any("other/place is not there" in one.message for one in caplog.records)


def test_a_push_nobody_subscribes_to_is_not_acted_on(story: Story) -> None:
    looks = len(story.weather.exchanges)
    story.push("1.0.0", 1, "ghcr.io/acme/unknown")
    assert len(story.weather.exchanges) == looks
    assert not story.pulls()


def test_a_push_before_the_pipeline_file_is_found_later(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if name != "towline.yaml"}
    with told(tmp_path, files) as story:
        story.push("1.0.0", 1)
        assert not story.pulls()
        story.commit("main", {"towline.yaml": FILES["towline.yaml"]})
        assert story.holds("dev") == "1.0.0"


def test_a_day_later_the_mirrors_are_packed_and_still_whole(story: Story) -> None:
    story.push("1.0.0", 1)
    story.later(timedelta(days=1, minutes=1))
    packs = list(story.outside.directory.glob("mirrors/*.git/objects/pack/*.pack"))
    assert len(packs) == 1
    story.merge(story.open_pull("staging"))
    assert story.open_pull("prod").title == "Promote shop/web 1.0.0 to prod"


def test_an_empty_repository_waits_for_its_first_commit(tmp_path: Path) -> None:
    with told(tmp_path, {}) as story:
        story.push("1.0.0", 1)
        story.commit("main", FILES)
        assert story.holds("dev") == "1.0.0"
