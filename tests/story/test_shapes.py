"""Pipelines of other shapes: several projects, warehouses and branches, and strangers."""

from __future__ import annotations

from pathlib import Path

from tests.story.world import FILES, PIPELINE, REPOSITORY, Story, told

API = "ghcr.io/acme/api"
BOTH = FILES["stages/dev/kustomization.yaml"] + "  - name: api\n    newName: ghcr.io/acme/api\n"
TWO_WAREHOUSES = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
  api: [{image: ghcr.io/acme/api}]
stages:
  dev: {warehouses: [web, api], path: stages/dev}
"""
BRANCHES = """\
project: shop
warehouses:
  web: [{image: ghcr.io/acme/web}]
stages:
  dev:  {warehouses: [web], branch: env/dev, merge: auto, protection: none, verify: none}
  prod: {after: [dev], branch: env/prod}
"""
PIN = FILES["stages/dev/kustomization.yaml"]


def test_two_warehouses_in_one_stage_meet_in_one_file(tmp_path: Path) -> None:
    files = {"towline.yaml": TWO_WAREHOUSES, "stages/dev/kustomization.yaml": BOTH}
    with told(tmp_path, files) as story:
        story.push("1.0.0", 1)
        story.push("2.0.0", 2, API)
        web, api = story.open_pull("dev", "web"), story.open_pull("dev", "api")
        story.merge(web)
        assert story.open_pull("dev", "api").number == api.number
        story.merge(story.open_pull("dev", "api"))
        text = story.text("stages/dev/kustomization.yaml")
        assert "newTag: 1.0.0" in text
        assert "newTag: 2.0.0" in text
        assert len(story.pulls()) == 2


def test_two_projects_keep_to_themselves(tmp_path: Path) -> None:
    second = PIPELINE.replace("project: shop", "project: desk")
    moved = {f"desk/{name}": text for name, text in FILES.items()}
    with told(tmp_path, FILES | moved | {"desk/towline.yaml": second}) as story:
        story.push("1.0.0", 1)
        assert sorted(one.title for one in story.open_pulls()) == [
            "Promote desk/web 1.0.0 to staging",
            "Promote shop/web 1.0.0 to staging",
        ]
        assert story.holds("dev") == "1.0.0"
        assert "1.0.0" in story.text("desk/stages/dev/kustomization.yaml")
        assert "1.0.0" not in story.text("desk/stages/prod/kustomization.yaml")


def test_stages_on_branches(tmp_path: Path) -> None:
    with told(tmp_path, {"towline.yaml": BRANCHES}) as story:
        for name in ("dev", "prod"):
            story.commit(f"env/{name}", {"towline.yaml": None, "kustomization.yaml": PIN})
        story.push("1.0.0", 1)
        assert "newTag: 1.0.0" in story.text("kustomization.yaml", "env/dev")
        pull = story.open_pull("prod")
        assert pull.base_ref == "env/prod"
        story.merge(pull)
        assert "newTag: 1.0.0" in story.text("kustomization.yaml", "env/prod")
        assert ".freight/web.yaml" in story.stand_in.paths(REPOSITORY, "env/prod")


def test_a_stage_that_moves_takes_its_pull_request_along(story: Story) -> None:
    story.push("1.0.0", 1)
    number = story.open_pull("staging").number
    story.stand_in.commit(
        REPOSITORY, "env/staging", {**dict.fromkeys(FILES), "kustomization.yaml": PIN}, "x", "alice"
    )
    moved = PIPELINE.replace("path: stages/staging", "branch: env/staging")
    story.commit("main", {"towline.yaml": moved})
    pull = story.open_pull("staging")
    assert (pull.number, pull.base_ref) == (number, "env/staging")
    assert len(story.stand_in.commits(REPOSITORY, number)) == 1


def test_the_promotion_of_a_removed_stage_is_closed_with_a_reason(story: Story) -> None:
    story.push("1.0.0", 1)
    number = story.open_pull("staging").number
    gone = "\n".join(one for one in PIPELINE.splitlines() if "staging" not in one)
    story.commit("main", {"towline.yaml": gone + "\n"})
    pull = story.stand_in.pull_request(REPOSITORY, number)
    assert (pull.state, pull.closed_by) == ("closed", "towline[bot]")
    (comment,) = story.stand_in.comments(REPOSITORY, number)
    assert "no stage of the pipeline file" in comment.body
    assert pull.head_ref not in story.stand_in.branches(REPOSITORY)


def test_somebodys_own_pull_request_from_our_branch_elsewhere_is_left_alone(story: Story) -> None:
    story.push("1.0.0", 1)
    ours = story.open_pull("staging")
    story.commit("release", {"notes.md": "hello\n"})
    theirs = story.alice.open_pull(ours.head_ref, "release", "My own")
    story.settle()
    story.push("1.1.0", 2)
    pull = story.stand_in.pull_request(REPOSITORY, theirs)
    assert (pull.title, pull.base_ref, pull.state) == ("My own", "release", "open")
    story.stand_in.close(REPOSITORY, theirs, "alice")
    story.settle()
    assert story.stand_in.pull_request(REPOSITORY, ours.number).state == "open"
    story.merge(story.stand_in.pull_request(REPOSITORY, ours.number))
    assert story.holds("staging") == "1.1.0"


def test_a_pull_request_to_a_branch_without_stages_gets_no_check(story: Story) -> None:
    story.commit("release", {"notes.md": "hello\n"})
    story.commit("mine", {"more.md": "hello\n"})
    number = story.alice.open_pull("mine", "release")
    story.settle()
    head = story.stand_in.pull_request(REPOSITORY, number).head_sha
    assert not story.stand_in.checks(REPOSITORY, head)
