"""Branch protection: what GitHub demands is waited for, and merges happen by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Protection, RequiredCheck, Settings
from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

AUTO_STAGING = PIPELINE.replace(
    "{after: [dev], path: stages/staging}",
    "{after: [dev], path: stages/staging, merge: auto, verify: none}",
)


Prepare = Callable[[StandIn], None]


def protected(*checks: str, reviews: int = 0, auto_merge: bool = True) -> Prepare:
    """Prepares main so."""

    def prepare(stand_in: StandIn) -> None:
        required = tuple(RequiredCheck(one) for one in checks)
        stand_in.configure(REPOSITORY, Settings(auto_merge=auto_merge))
        stand_in.protect(
            REPOSITORY, "main", Protection(required_checks=required, required_reviews=reviews)
        )

    return prepare


def merged(story: Story) -> list[int]:
    """The numbers of the merged pull requests."""
    return [one.number for one in story.pulls() if one.merged]


def test_where_our_check_is_required_it_lets_the_merge_through(tmp_path: Path) -> None:
    with told(tmp_path, before=protected("towline")) as story:
        story.push("1.0.0", 1)
        assert story.holds("dev") == "1.0.0"
        assert merged(story) == [1]


def test_nobody_merges_by_hand_before_our_check_is_green(tmp_path: Path) -> None:
    with told(tmp_path, before=protected("towline")) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("staging")
        assert story.stand_in.mergeability(REPOSITORY, pull.number).state == "clean"
        story.commit(pull.head_ref, {"stages/staging/extra.yaml": "a: 1\n"})
        assert story.stand_in.mergeability(REPOSITORY, pull.number).state == "blocked"


def test_another_required_check_is_waited_for(tmp_path: Path) -> None:
    with told(tmp_path, before=protected("towline", "ci")) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        assert pull.auto_merge is not None
        asked = story.requests()
        story.alice.status(pull.head_sha, "ci", "success")
        story.settle()
        assert story.holds("dev") == "1.0.0"
        assert story.open_pull("staging").title == "Promote shop/web 1.0.0 to staging"
        assert story.requests() - asked <= 8


def test_only_another_check_is_required(tmp_path: Path) -> None:
    with told(tmp_path, before=protected("ci", auto_merge=False)) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        story.alice.status(pull.head_sha, "ci", "success")
        story.settle()
        assert story.holds("dev") == "1.0.0"


def test_a_required_review_is_waited_for_in_silence(tmp_path: Path) -> None:
    with told(tmp_path, before=protected("ci", reviews=1, auto_merge=False)) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        story.alice.status(pull.head_sha, "ci", "success")
        story.settle()
        story.later(timedelta(seconds=30))
        writes = len(story.weather.said("write"))
        for _ in range(5):
            story.later(timedelta(minutes=2))
        assert len(story.weather.said("write")) == writes
        story.stand_in.review(REPOSITORY, pull.number, "alice")
        story.settle()
        assert story.holds("dev") == "1.0.0"


def test_auto_merge_is_asked_for_once(tmp_path: Path) -> None:
    with told(tmp_path, before=protected("towline", reviews=1)) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        assert pull.auto_merge is not None
        story.later(timedelta(minutes=2))
        wishes = [
            one
            for said in story.weather.said("write")
            for one in said.mutations
            if one == "enablePullRequestAutoMerge"
        ]
        assert len(wishes) == 1
        story.stand_in.review(REPOSITORY, pull.number, "alice")
        story.settle()
        assert story.holds("dev") == "1.0.0"


def test_auto_merge_switched_off_falls_back_to_a_merge(tmp_path: Path) -> None:
    files = FILES | {"towline.yaml": AUTO_STAGING}
    with told(tmp_path, files, protected("towline", auto_merge=False)) as story:
        story.push("1.0.0", 1)
        assert (story.holds("dev"), story.holds("staging")) == ("1.0.0", "1.0.0")
        merges = [
            said.body["variables"][f"m{number}"]["expectedHeadOid"]
            for said in story.weather.said("write")
            for number, one in enumerate(said.mutations)
            if one == "mergePullRequest"
        ]
        assert merges == [one.head_sha for one in story.pulls() if one.merged]
