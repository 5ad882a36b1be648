"""The ledger: one commit a round, only the App's count, and what was taken away is missed."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.stand_in import StandIn
from tests.story.weather import first
from tests.story.world import LEDGER, REPOSITORY, Story, digest, told

FREIGHT = "shop/warehouses/web.yaml"
FORGED = "format: 1\nfreight: []\n"


def test_one_commit_a_round_and_none_in_idle_rounds(story: Story) -> None:
    story.push("1.0.0", 1)
    before = story.ledger()
    for _ in range(3):
        story.later(timedelta(minutes=2))
    assert story.ledger() == before
    story.push("1.1.0", 2)
    assert len(story.ledger()) == len(before) + 1


def test_it_is_made_for_people_to_read(story: Story) -> None:
    story.push("1.0.0", 1)
    assert "Towline" in story.text("README.md", LEDGER)
    assert digest(1) in story.text(FREIGHT, LEDGER)
    authors = {one.author.name for one in story.stand_in.history(REPOSITORY, LEDGER)}
    assert authors == {"towline[bot]"}


def test_what_a_person_writes_there_never_counts_and_is_undone(story: Story) -> None:
    story.push("1.0.0", 1)
    held = (
        "format: 1\nheld:\n- warehouse: web\n  at: '2026-11-21T09:00:00Z'\n"
        "  who: mallory\n  why: mine\n"
    )
    story.commit(LEDGER, {FREIGHT: FORGED, "shop/stages/staging.yaml": held, "junk": "x"})
    assert story.check(story.open_pull("staging")).conclusion == "success"
    story.push("1.1.0", 2)
    assert digest(1) in story.text(FREIGHT, LEDGER)
    assert "junk" not in story.stand_in.paths(REPOSITORY, LEDGER)
    assert "shop/stages/staging.yaml" not in story.stand_in.paths(REPOSITORY, LEDGER)
    assert story.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"


def test_a_rewound_ledger_stops_everything_until_it_is_restored(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    story.push("1.0.0", 1)
    story.push("1.1.0", 2)
    tip, *older = story.ledger()
    story.alice.force(LEDGER, older[-1])
    with caplog.at_level(logging.ERROR):
        story.push("1.2.0", 3)
    assert any(f"git push --force origin {tip}" in one.message for one in caplog.records)
    assert story.holds("dev") == "1.1.0"
    assert story.ledger() == older[-1:]

    story.alice.force(LEDGER, tip)
    story.settle()
    assert story.holds("dev") == "1.2.0"
    assert story.open_pull("staging").title == "Promote shop/web 1.2.0 to staging"


def test_a_deleted_ledger_is_not_begun_anew(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    story.push("1.0.0", 1)
    tip = story.ledger()[0]
    story.stand_in.delete_branch(REPOSITORY, LEDGER, "alice")
    with caplog.at_level(logging.ERROR):
        story.push("1.1.0", 2)
    assert any("was deleted" in one.message for one in caplog.records)
    assert story.holds("dev") == "1.0.0"
    assert LEDGER not in story.stand_in.branches(REPOSITORY)

    story.alice.force(LEDGER, tip)
    story.settle()
    assert story.holds("dev") == "1.1.0"


def test_a_ledger_made_by_others_is_not_taken_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def prepare(stand_in: StandIn) -> None:
        stand_in.commit(REPOSITORY, LEDGER, {FREIGHT: FORGED}, "Mine", "alice")

    with told(tmp_path, before=prepare) as story:
        with caplog.at_level(logging.ERROR):
            story.push("1.0.0", 1)
        assert any("no commit on towline-ledger" in one.message for one in caplog.records)
        assert not story.pulls()


def test_a_write_that_lost_the_race_is_made_again(story: Story) -> None:
    story.push("1.0.0", 1)
    story.weather.next(
        "write",
        first(lambda: story.stand_in.commit(REPOSITORY, LEDGER, {"x": "y"}, "Mine", "alice")),
    )
    story.push("1.1.0", 2)
    story.later(timedelta(minutes=1))
    assert digest(2) in story.text(FREIGHT, LEDGER)
    assert "x" not in story.stand_in.paths(REPOSITORY, LEDGER)
    assert story.holds("dev") == "1.1.0"
