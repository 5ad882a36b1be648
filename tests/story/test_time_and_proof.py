"""Soak and verification: what is waited for happens by itself, and not before its time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.story.world import FILES, PIPELINE, REPOSITORY, told


def test_soak_ends_by_itself_and_newer_freight_does_not_displace_it(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("after: [dev]", "after: [dev], soak: 30m")
    with told(tmp_path, FILES | {"towline.yaml": pipeline}) as story:
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=29))
        assert not [one for one in story.pulls() if one.state == "open"]
        story.later(timedelta(minutes=1))
        assert story.open_pull("staging").title == "Promote shop/web 1.0.0 to staging"
        story.push("1.1.0", 2)
        assert story.open_pull("staging").title == "Promote shop/web 1.0.0 to staging"
        story.later(timedelta(minutes=30))
        assert story.open_pull("staging").title == "Promote shop/web 1.1.0 to staging"


def test_a_check_verifies_and_ours_never_counts(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("merge: auto, verify: none", "merge: auto, verify: [{status: e2e}]")
    with told(tmp_path, FILES | {"towline.yaml": pipeline}) as story:
        story.push("1.0.0", 1)
        assert not [one for one in story.pulls() if one.state == "open"]
        tip = story.stand_in.branches(REPOSITORY)["main"]
        story.alice.status(tip, "e2e", "failure")
        story.settle()
        assert not [one for one in story.pulls() if one.state == "open"]
        story.alice.status(tip, "e2e", "success")
        story.settle()
        assert story.open_pull("staging").title == "Promote shop/web 1.0.0 to staging"
        assert "status e2e" in story.text("shop/stages/dev.yaml", "towline-ledger")
