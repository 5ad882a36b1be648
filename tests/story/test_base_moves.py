"""What happens on the base while a promotion is open: rebuilt only where it must be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Protection, PullRequest, RequiredCheck
from tests.story.world import REPOSITORY, Story, told

STAGING = "stages/staging/kustomization.yaml"


def one_commit_never_closed(story: Story, pull: PullRequest) -> PullRequest:
    """The same pull request as it is now, with one commit, and with no word of a closing."""
    now = story.open_pull("staging")
    assert now.number == pull.number
    assert len(story.stand_in.commits(REPOSITORY, now.number)) == 1
    kinds = {one.kind for one in story.stand_in.timeline(REPOSITORY, now.number)}
    assert "closed" not in kinds
    return now


def test_a_commit_elsewhere_leaves_the_promotion_alone(story: Story) -> None:
    story.push("1.0.0", 1)
    pull = story.open_pull("staging")
    story.commit("main", {"notes.md": "hello\n"})
    assert one_commit_never_closed(story, pull).head_sha == pull.head_sha
    story.merge(pull)
    assert story.text("notes.md") == "hello\n"


def test_a_comment_in_the_same_file_is_kept(story: Story) -> None:
    story.push("1.0.0", 1)
    pull = story.open_pull("staging")
    story.commit("main", {STAGING: "# see the wiki\n" + story.text(STAGING)})
    now = one_commit_never_closed(story, pull)
    assert now.head_sha != pull.head_sha
    assert story.check(now).conclusion == "success"
    story.merge(now)
    assert story.text(STAGING).startswith("# see the wiki\n")
    assert story.holds("staging") == "1.0.0"


def test_a_conflict_is_solved_by_building_anew(story: Story) -> None:
    story.push("1.0.0", 1)
    pull = story.open_pull("staging")
    theirs = story.text(STAGING).replace("newTag: 0.9.0", "newTag: 0.9.1  # by hand")
    story.commit("main", {STAGING: theirs})
    now = one_commit_never_closed(story, pull)
    assert now.head_sha != pull.head_sha
    assert story.stand_in.mergeability(REPOSITORY, now.number).mergeable
    story.merge(now)
    assert "newTag: 1.0.0  # by hand" in story.text(STAGING)


def strict(stand_in: StandIn) -> None:
    """Main takes only what stands on its tip."""
    checks = (RequiredCheck("towline"),)
    stand_in.add_collaborator(REPOSITORY, "alice", "admin")
    stand_in.protect(
        REPOSITORY,
        "main",
        Protection(required_checks=checks, strict=True, enforce_admins=False),
    )


@pytest.mark.parametrize("at_once", [True, False])
def test_a_branch_that_must_be_up_to_date_is_followed(tmp_path: Path, at_once: bool) -> None:
    """GitHub may not know at the first look that a head is behind; a sweep finds out."""
    with told(tmp_path, before=strict, mergeable_at_first_look=at_once) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("staging")
        story.commit("main", {"notes.md": "hello\n"})
        if not at_once:
            story.later(timedelta(minutes=2))
        now = one_commit_never_closed(story, pull)
        assert now.head_sha != pull.head_sha
        assert story.stand_in.mergeability(REPOSITORY, now.number).state == "clean"
        story.merge(now)
        assert story.holds("staging") == "1.0.0"


def test_scratch_branches_do_not_stay(story: Story) -> None:
    story.push("1.0.0", 1)
    story.push("1.1.0", 2)
    assert not [one for one in story.stand_in.branches(REPOSITORY) if "scratch" in one]
