"""Windows, reviews and drafts on GitHub: what waits, what falls, and what happens by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from github_app.sandbox.rules import QueueRule, RequiredCheck, Ruleset
from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Protection, PullRequest
from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

DEV = "dev:     {warehouses: [web], path: stages/dev, merge: auto, verify: none"


@contextmanager
def with_dev(directory: Path, more: str) -> Iterator[Story]:
    """A shop whose first stage asks for more, with people who may write and some who may not."""

    def people(stand_in: StandIn) -> None:
        for name in ("bob", "cal"):
            stand_in.create_user(name)
            stand_in.add_collaborator(REPOSITORY, name, "write")
        stand_in.create_user("reader")
        stand_in.add_collaborator(REPOSITORY, "reader", "read")
        stand_in.create_team("acme", "sre", ["cal"])
        stand_in.grant_team(REPOSITORY, "sre", "write")

    files = FILES | {
        "towline.yaml": PIPELINE.replace(DEV, f"{DEV}, {more}"),
        "CODEOWNERS": "* @alice\n/stages/dev/ @cal\n",
    }
    with told(directory, files, people) as story:
        yield story


def summary(story: Story, pull: PullRequest) -> str:
    """What the check of a pull request says."""
    return story.check(pull).summary or ""


def approve(story: Story, pull: PullRequest, *people: str) -> None:
    for person in people:
        story.stand_in.review(REPOSITORY, pull.number, person)
    story.settle()


def test_a_promotion_waits_for_its_window_and_comes_by_itself(tmp_path: Path) -> None:
    now = "windows: [{allow: FREQ=DAILY;BYHOUR=0;BYMINUTE=0, for: 1m, zone: UTC}]"
    with with_dev(tmp_path, now) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        assert "closed until" in summary(story, pull)
        assert story.check(pull).status == "in_progress"
        midnight = (story.clock.now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        story.later(midnight - story.clock.now - timedelta(seconds=1))
        assert story.holds("dev") == "0.9.0"
        story.later(timedelta(seconds=1))
        assert story.holds("dev") == "1.0.0"


def test_the_check_turns_when_a_window_closes_and_again_when_it_opens(tmp_path: Path) -> None:
    lunch = "reviews: 1, windows: [{deny: FREQ=DAILY;BYHOUR=12, for: 1h, zone: UTC}]"
    with with_dev(tmp_path, lunch) as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        noon = story.clock.now.replace(hour=12, minute=0, second=0)
        assert f"| ✅ passed | window | open (until {noon:%Y-%m-%dT%H:%M:%SZ}) |" in summary(
            story, pull
        )
        story.later(noon - story.clock.now)
        assert "closed until" in summary(story, pull)
        approve(story, pull, "alice")
        assert story.holds("dev") == "0.9.0"
        story.later(timedelta(hours=1))
        assert story.holds("dev") == "1.0.0"


def test_enough_approvals_merge_it_and_nothing_is_posted_twice(tmp_path: Path) -> None:
    with with_dev(tmp_path, "reviews: 2") as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        approve(story, pull, "alice", "reader")
        assert "1 of 2 approvals, by alice; still needed: one more approval" in summary(story, pull)
        writes = len(story.weather.said("write"))
        story.later(timedelta(minutes=2))
        assert len(story.weather.said("write")) == writes
        approve(story, pull, "bob")
        assert story.holds("dev") == "1.0.0"


def test_a_team_is_asked_and_one_of_it_must_approve(tmp_path: Path) -> None:
    with with_dev(tmp_path, "reviews: {teams: [sre]}, pullRequest: {reviewers: [bob]}") as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        # Cal owns the files, so GitHub has asked her by itself.
        assert (pull.requested_reviewers, pull.requested_teams) == (("cal", "bob"), ("sre",))
        approve(story, pull, "alice")
        assert "still needed: somebody of acme/sre" in summary(story, pull)
        approve(story, pull, "cal")
        assert story.holds("dev") == "1.0.0"


def test_owners_of_the_files_must_approve(tmp_path: Path) -> None:
    with with_dev(tmp_path, "reviews: {codeowners: true}") as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        approve(story, pull, "alice")
        assert "a code owner (cal)" in summary(story, pull)
        approve(story, pull, "cal")
        assert story.holds("dev") == "1.0.0"


def test_approvals_fall_with_the_freight_and_are_dismissed(tmp_path: Path) -> None:
    with with_dev(tmp_path, "reviews: 2") as story:
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        approve(story, pull, "alice")
        story.push("1.1.0", 2)
        pull = story.open_pull("dev")
        assert "0 of 2 approvals" in summary(story, pull)
        (review,) = story.alice.ask("GET", f"/pulls/{pull.number}/reviews")
        assert review["state"] == "DISMISSED"
        approve(story, pull, "bob", "cal")
        assert story.holds("dev") == "1.1.0"


def test_approvals_count_on_when_only_the_base_moved(tmp_path: Path) -> None:
    with with_dev(tmp_path, "reviews: 2") as story:
        story.push("1.0.0", 1)
        first = story.open_pull("dev")
        approve(story, first, "alice")
        text = story.text("stages/dev/kustomization.yaml").replace("  # the shop's front", "")
        story.commit("main", {"stages/dev/kustomization.yaml": text})
        second = story.open_pull("dev")
        assert second.head_sha != first.head_sha, "the base conflicts, so it is made anew"
        assert "0 of 2 approvals" in summary(story, second), "another file than was approved"
        approve(story, second, "alice")
        story.commit("main", {"stages/dev/other.yaml": "a: 1\n"})
        third = story.open_pull("dev")
        assert "1 of 2 approvals, by alice" in summary(story, third)


def test_it_is_a_draft_while_only_time_is_awaited(tmp_path: Path) -> None:
    window = "windows: [{allow: FREQ=DAILY;BYHOUR=0;BYMINUTE=0, for: 1m, zone: UTC}]"
    with with_dev(tmp_path, f"{window}, pullRequest: {{draft: waiting}}") as story:
        story.push("1.0.0", 1)
        assert story.open_pull("dev").draft
        midnight = (story.clock.now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        story.later(midnight - story.clock.now)
        assert story.holds("dev") == "1.0.0"


def with_queue(stand_in: StandIn) -> None:
    """Main is merged into through a queue only, which asks for our check."""
    rules = Ruleset("main", required_checks=(RequiredCheck("towline"),), queue=QueueRule())
    stand_in.add_ruleset(REPOSITORY, rules)


def test_a_merge_queue_is_gone_through_and_its_groups_are_checked(tmp_path: Path) -> None:
    with told(tmp_path, before=with_queue) as story:
        story.push("1.0.0", 1)
        assert story.holds("dev") == "1.0.0"
        (merged,) = [one for one in story.pulls() if one.merged]
        sent = [name for said in story.weather.said("write") for name in said.mutations]
        assert "mergePullRequest" not in sent
        assert merged.merged_by == "github-merge-queue[bot]"


def test_what_is_not_ready_is_not_let_through_a_queue(tmp_path: Path) -> None:
    with told(tmp_path, before=with_queue) as story:
        story.push("1.0.0", 1)
        staging = story.open_pull("staging")
        story.stand_in.enqueue(REPOSITORY, staging.number, "alice")
        story.settle()
        assert story.holds("staging") == "1.0.0", "it was ready, and a person wanted it"
        story.stand_in.commit(REPOSITORY, "mine", {"notes.md": "hello\n"}, "Mine", "alice")
        number = story.alice.open_pull("mine")
        story.settle()
        story.stand_in.enqueue(REPOSITORY, number, "alice")
        story.settle()
        assert story.text("notes.md") == "hello\n", "other people's changes pass"


def test_a_branch_that_nothing_protects_is_not_merged_into_by_itself(tmp_path: Path) -> None:
    on_branch = PIPELINE.replace("path: stages/dev", "branch: env/dev")
    with told(tmp_path, FILES | {"towline.yaml": on_branch}) as story:
        pin = FILES["stages/dev/kustomization.yaml"]
        story.commit("env/dev", dict.fromkeys(FILES) | {"kustomization.yaml": pin})
        story.push("1.0.0", 1)
        pull = story.open_pull("dev")
        assert "nothing protects env/dev" in summary(story, pull)
        story.stand_in.protect(REPOSITORY, "env/dev", Protection(allow_force=True))
        story.later(timedelta(minutes=2))
        assert "newTag: 1.0.0" in story.text("kustomization.yaml", "env/dev")
