"""Disks that somebody may miss: a person gives them up, once, for one version."""

from __future__ import annotations

from pathlib import Path

from github_app.sandbox.state import PullRequest
from tests.story.disks import (
    FEDORA,
    NEW,
    OLD,
    PIPELINE,
    SECOND,
    STATEFUL,
    THIRD,
    agrees,
    body,
    files,
    imported,
    red,
    used,
)
from tests.story.test_protection import protected
from tests.story.world import REPOSITORY, Story, digest, told

AUTO = PIPELINE.replace("path: stages/prod", "path: stages/prod, merge: auto")


def consent(story: Story, number: int) -> dict[str, str]:
    """The machine's file in prod with the annotation that the gate asks for."""
    path = "stages/prod/machine.yaml"
    word = f"towline.dev/allow-replace: root@{digest(number)}"
    head, _, rest = story.text(path).partition("annotations: {")
    return {path: f"{head}annotations: {{{word}}}{rest.partition('}')[2]}"}


def test_a_stateful_disk_waits_for_a_person_who_consents_once(tmp_path: Path) -> None:
    with told(tmp_path, files(AUTO, prod=STATEFUL)) as story:
        story.push("1.1.0", SECOND, FEDORA)
        pull = story.open_pull("prod")
        said = red(story)
        assert said.startswith("disks: vm web would start with a fresh disk of harbor.lan/")
        assert f"everything written to disk root since `{OLD}` was imported is lost" in said
        assert f"* `web`: `towline.dev/allow-replace: root@{digest(SECOND)}`\n" in body(pull)
        assert body(pull).startswith("**Do not merge: disks: vm web would start with a fresh disk")
        assert used(story, "prod") == OLD

        story.commit("main", consent(story, SECOND))
        merged = story.stand_in.pull_request(REPOSITORY, pull.number)
        assert (merged.merged, merged.merged_by) == (True, "towline[bot]")
        assert story.check(merged).conclusion == "success"
        assert "lost, as a person consented" in body(merged)
        assert "closed" not in {
            one.kind for one in story.stand_in.timeline(REPOSITORY, pull.number)[:-1]
        }
        assert (used(story, "prod"), imported(story, "prod")) == (NEW, [NEW, OLD])
        assert digest(SECOND) in story.text("stages/prod/machine.yaml")
        assert agrees(story, "prod", "1.1.0")

        story.push("1.2.0", THIRD, FEDORA)
        assert "disks: vm web would start" in red(story)
        assert used(story, "prod") == NEW


def test_a_consent_taken_back_makes_the_gate_red_again(tmp_path: Path) -> None:
    with told(tmp_path, files(prod=STATEFUL)) as story:
        story.push("1.1.0", SECOND, FEDORA)
        pull = story.open_pull("prod")
        before = story.text("stages/prod/machine.yaml")
        story.commit("main", consent(story, THIRD))
        assert "disks: vm web would start" in red(story)
        story.commit("main", {"stages/prod/machine.yaml": before})
        story.commit("main", consent(story, SECOND))
        assert story.check(story.open_pull("prod")).conclusion == "success"
        story.commit("main", {"stages/prod/machine.yaml": before})
        assert "disks: vm web would start" in red(story)
        assert story.open_pull("prod").number == pull.number
        assert len(story.stand_in.commits(REPOSITORY, pull.number)) == 1


def proven(story: Story, pull: PullRequest) -> None:
    """Whatever else is required of a pull request is done."""
    story.alice.status(pull.head_sha, "ci", "success")
    story.settle()


def test_a_consent_given_does_not_merge_what_came_after_it(tmp_path: Path) -> None:
    before = protected("towline", "ci")
    with told(tmp_path, files(AUTO, prod=STATEFUL), before) as story:
        story.push("1.1.0", SECOND, FEDORA)
        proven(story, story.open_pull("dev"))
        assert story.open_pull("prod").auto_merge is None
        story.commit("consent", consent(story, SECOND))
        number = story.alice.open_pull("consent")
        proven(story, story.stand_in.pull_request(REPOSITORY, number))
        story.merge(story.stand_in.pull_request(REPOSITORY, number))
        assert story.open_pull("prod").auto_merge is not None, "it waits for ci"

        story.push("1.2.0", THIRD, FEDORA)
        proven(story, story.open_pull("dev"))
        proven(story, story.open_pull("prod"))
        assert used(story, "prod") == OLD
        assert "1.2.0" in red(story)


def test_a_person_may_merge_what_nobody_consented_to(tmp_path: Path) -> None:
    with told(tmp_path, files(prod=STATEFUL)) as story:
        story.push("1.1.0", SECOND, FEDORA)
        story.merge(story.open_pull("prod"))
        assert used(story, "prod") == NEW
        assert agrees(story, "prod", "1.1.0")
        assert not story.open_pulls()
