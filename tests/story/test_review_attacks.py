"""Attacks by review: whose approval counts, and for how long."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from github_app.sandbox.stand_in import StandIn
from tests.story.test_commands import say
from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

CROWD = [f"reader-{number}" for number in range(25)]


def people(stand_in: StandIn) -> None:
    """Bob may write, and a crowd may read, of which one is on call."""
    for login in ("bob", *CROWD):
        stand_in.create_user(login)
        stand_in.add_collaborator(REPOSITORY, login, "write" if login == "bob" else "read")
    stand_in.create_team("acme", "sre", [CROWD[0]])
    stand_in.grant_team(REPOSITORY, "sre", "read")


def told_with(directory: Path, more: str) -> AbstractContextManager[Story]:
    """A shop whose staging asks for reviews."""
    pipeline = PIPELINE.replace("path: stages/staging}", f"path: stages/staging, {more}}}")
    return told(directory, FILES | {"towline.yaml": pipeline}, people)


def review(story: Story, who: str, state: str = "APPROVED") -> None:
    story.clock.now += timedelta(seconds=1)
    story.stand_in.review(REPOSITORY, story.open_pull("staging").number, who, state)


def conclusion(story: Story) -> str:
    """How the check of the promotion to staging stands, once everything has happened."""
    story.settle()
    return story.check(story.open_pull("staging")).conclusion or ""


def test_who_asked_for_a_promotion_cannot_let_it_go_and_approve_it(tmp_path: Path) -> None:
    with told_with(tmp_path, "promote: manual, reviews: 1") as story:
        story.push("1.0.0", 1)
        say(story, story.pulls()[0], "/towline promote 1.0.0 to staging", "alice")
        say(story, story.open_pull("staging"), "/towline resume", "alice")
        review(story, "alice")
        assert conclusion(story) != "success"
        review(story, "bob")
        assert conclusion(story) == "success"


def test_a_crowd_of_approvals_hides_nobody_who_asks_for_changes(tmp_path: Path) -> None:
    with told_with(tmp_path, "reviews: 1") as story:
        story.push("1.0.0", 1)
        for who in CROWD:
            review(story, who)
        review(story, "alice")
        assert conclusion(story) == "success"
        review(story, "bob", "CHANGES_REQUESTED")
        assert conclusion(story) != "success"


def test_who_is_in_the_team_counts_in_every_round_and_who_left_it_in_none(tmp_path: Path) -> None:
    with told_with(tmp_path, "reviews: {count: 1, teams: [sre]}") as story:
        story.push("1.0.0", 1)
        review(story, CROWD[0])
        assert conclusion(story) == "success"
        say(story, story.open_pull("staging"), "/towline hold", "bob")
        say(story, story.open_pull("staging"), "/towline resume", "bob")
        assert conclusion(story) == "success"
        story.stand_in.create_team("acme", "sre", ["bob"])
        story.alice.status(story.open_pull("staging").head_sha, "ci", "success")
        assert conclusion(story) != "success"
