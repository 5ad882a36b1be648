"""What is wrong is said where people look, stops nothing else, and nothing is guessed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

OTHER = """\
project: other
warehouses:
  web:
    - image: ghcr.io/acme/web
stages:
  test: {warehouses: [web], path: stage}
"""
BARE: dict[str, str | None] = {
    **dict.fromkeys(FILES),
    "kustomization.yaml": FILES["stages/dev/kustomization.yaml"],
}


def test_a_broken_pipeline_file_stops_its_project_alone(tmp_path: Path) -> None:
    files = FILES | {
        "other/towline.yaml": OTHER,
        "other/stage/kustomization.yaml": FILES["stages/dev/kustomization.yaml"],
        "towline.yaml": PIPELINE.replace("after: [dev]", "after: [dve]"),
    }
    with told(tmp_path, files) as story:
        (check,) = story.stand_in.checks(REPOSITORY, story.stand_in.branches(REPOSITORY)["main"])
        assert check.conclusion == "failure"
        assert "towline.yaml:7" in (check.summary or "")
        assert [one["start_line"] for one in check.annotations] == [7]
        story.push("1.0.0", 1)
        assert [one.title for one in story.pulls()] == ["Promote other/web 1.0.0 to test"]


def test_a_pull_request_that_breaks_the_pipeline_file_is_told_its_lines(story: Story) -> None:
    story.commit("mine", {"towline.yaml": PIPELINE.replace("path: stages/prod", "pth: x")})
    number = story.alice.open_pull("mine")
    story.settle()
    check = story.check(story.stand_in.pull_request(REPOSITORY, number))
    assert check.conclusion == "failure"
    assert "pth" in (check.summary or "")


def test_an_ordinary_pull_request_gets_a_green_check(story: Story) -> None:
    story.commit("mine", {"notes.md": "hello\n"})
    number = story.alice.open_pull("mine")
    story.settle()
    check = story.check(story.stand_in.pull_request(REPOSITORY, number))
    assert (check.conclusion, check.title) == ("success", "Not a promotion")


def test_a_stage_without_its_directory_stops_that_stage_alone(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if "staging" not in name}
    with told(tmp_path, files) as story:
        story.push("1.0.0", 1)
        assert story.holds("dev") == "1.0.0"
        assert not [one for one in story.pulls() if one.state == "open"]


def test_a_stage_on_a_missing_branch_waits_for_it(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("path: stages/staging", "branch: staging")
    with told(tmp_path, FILES | {"towline.yaml": pipeline}) as story:
        story.push("1.0.0", 1)
        assert story.holds("dev") == "1.0.0"
        story.commit("staging", BARE)
        assert story.open_pull("staging").base_ref == "staging"
        story.merge(story.open_pull("staging"))
        assert "1.0.0" in story.text("kustomization.yaml", "staging")
        assert story.open_pull("prod").base_ref == "main"


def test_a_registry_in_trouble_stops_no_stage_behind_it(story: Story) -> None:
    story.push("1.0.0", 1)
    story.shelf.trouble["web"] = "ghcr.io answered 500"
    story.merge(story.open_pull("staging"))
    assert story.open_pull("prod").title == "Promote shop/web 1.0.0 to prod"


def test_a_pin_that_cannot_be_bumped_blocks_its_line_with_the_reason(tmp_path: Path) -> None:
    template = "images:\n- name: web\n  newName: ghcr.io/acme/web\n  newTag: &t 0.9.0\n"
    files = FILES | {"stages/dev/kustomization.yaml": template + "x: *t\n"}
    with told(tmp_path, files) as story:
        story.push("1.0.0", 1)
        assert story.text("stages/dev/kustomization.yaml") == template + "x: *t\n"
        assert not story.pulls()


def test_a_broken_kustomization_waits_for_a_person_and_no_more(story: Story) -> None:
    story.push("1.0.0", 1)
    sound = story.text("stages/dev/kustomization.yaml")
    story.commit("main", {"stages/dev/kustomization.yaml": "broken: [\n"})
    story.push("1.1.0", 2)
    assert story.text("stages/dev/kustomization.yaml") == "broken: [\n"
    story.commit("main", {"stages/dev/kustomization.yaml": sound})
    assert story.holds("dev") == "1.1.0"


def test_lost_webhooks_cost_a_sweep_and_nothing_else(story: Story) -> None:
    story.push("1.0.0", 1)
    pull = story.open_pull("staging")
    story.stand_in.merge(REPOSITORY, pull.number, "alice")
    story.lose_webhooks()
    story.later(timedelta(minutes=2))
    assert story.open_pull("prod").title == "Promote shop/web 1.0.0 to prod"
