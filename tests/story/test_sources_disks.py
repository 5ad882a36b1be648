"""VM disks in branches made from sources: what the cluster runs on stays, whatever comes."""

from __future__ import annotations

from pathlib import Path

from tests.story.disks import (
    FEDORA,
    NEW,
    NEWEST,
    OLD,
    PIPELINE,
    SECOND,
    STAGE,
    THIRD,
    files,
    imported,
    used,
)
from tests.story.world import REPOSITORY, told

BRANCH = "env/prod"
BRANCHED = PIPELINE.replace("path: stages/prod", f"path: stages/prod, branch: {BRANCH}")


def test_the_disk_before_stays_in_a_branch_made_from_sources(tmp_path: Path) -> None:
    with told(tmp_path, files(BRANCHED)) as story:
        for number, tag, kept in (
            (SECOND, "1.1.0", [NEW, OLD]),
            (THIRD, "1.2.0", [NEWEST, NEW]),
        ):
            story.push(tag, number, FEDORA)
            story.merge(story.open_pull("prod"))
            assert imported(story, "prod", BRANCH) == kept
            assert used(story, "prod", BRANCH) == kept[0]
            assert imported(story, "prod") == [OLD]
            assert not story.open_pulls()


def test_a_change_of_the_sources_alone_leaves_disks_alone(tmp_path: Path) -> None:
    with told(tmp_path, files(BRANCHED)) as story:
        for number, tag in ((SECOND, "1.1.0"), (THIRD, "1.2.0")):
            story.push(tag, number, FEDORA)
            story.merge(story.open_pull("prod"))
        before = story.text("stages/prod/disks.yaml", BRANCH)
        larger = STAGE["machine.yaml"].replace("guest: 1Gi", "guest: 2Gi")
        story.commit("main", {"stages/prod/machine.yaml": larger})
        pull = story.open_pull("prod")
        assert "no disk" in (pull.body or "")
        story.merge(pull)
        assert "guest: 2Gi" in story.text("stages/prod/machine.yaml", BRANCH)
        assert story.text("stages/prod/disks.yaml", BRANCH) == before
        assert used(story, "prod", BRANCH) == NEWEST
        assert not story.open_pulls()


def test_machines_that_no_record_tells_of_are_not_written_over(tmp_path: Path) -> None:
    with told(tmp_path, files()) as story:
        story.commit(BRANCH, {f"stages/prod/{name}": text for name, text in STAGE.items()})
        story.commit("main", {"towline.yaml": BRANCHED})
        story.push("1.1.0", SECOND, FEDORA)
        assert "stages/prod/.freight/vm.yaml" not in story.stand_in.paths(REPOSITORY, BRANCH)
        assert used(story, "prod", BRANCH) == OLD
        assert not story.open_pulls()
