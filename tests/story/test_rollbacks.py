"""Going back: what a rollback restores, disks by their pointer, and reverts in either order."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from plugin.record import read_record
from tests.story import disks
from tests.story.disks import FEDORA, FIRST, NEW, OLD, SECOND, agrees, imported, used
from tests.story.test_aftermath import SMOKE, at_rest, merged, pipeline, report
from tests.story.test_commands import say
from tests.story.world import REPOSITORY, Story, told

RECORD = ".freight/web.yaml"


def tree(story: Story, stage: str) -> dict[str, str]:
    """Every file of a stage."""
    paths = story.stand_in.paths(REPOSITORY, "main")
    return {path: story.text(path) for path in paths if path.startswith(f"stages/{stage}/")}


def test_a_rollback_restores_the_line_and_nothing_else(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        story.merge(story.open_pull("staging"))
        before = tree(story, "staging")
        story.later(timedelta(minutes=1))
        story.push("1.1.0", 2)
        story.merge(story.open_pull("staging"))
        # What others changed since then stays.
        story.commit("main", {"stages/staging/notes.md": "mine\n"})
        others = tree(story, "dev") | tree(story, "prod")
        story.stand_in.add_collaborator(REPOSITORY, "alice", "maintain")
        say(story, merged(story, "staging"), "/towline rollback previous it burns", "alice")
        pull = story.open_pull("staging")
        changed = {one.path for one in story.stand_in.files(REPOSITORY, pull.number)}
        assert changed == {f"stages/staging/{name}" for name in (RECORD, "kustomization.yaml")}
        story.merge(pull)
        after = dict(tree(story, "staging"))
        assert after.pop("stages/staging/notes.md") == "mine\n"
        record = f"stages/staging/{RECORD}"
        now, then = (read_record(record, one[record]) for one in (after, before))
        assert now.freight == then.freight
        assert {**after, record: ""} == {**before, record: ""}
        assert tree(story, "dev") | tree(story, "prod") == others
        at_rest(story)


def test_a_disk_goes_back_by_its_pointer_and_imports_nothing(tmp_path: Path) -> None:
    with told(tmp_path, disks.files()) as story:
        story.push("1.0.0", FIRST, FEDORA)
        for pull in story.open_pulls():
            story.merge(pull)
        story.later(timedelta(minutes=1))
        story.push("1.1.0", SECOND, FEDORA)
        story.merge(story.open_pull("prod"))
        assert (imported(story, "prod"), used(story, "prod")) == ([NEW, OLD], NEW)
        story.stand_in.add_collaborator(REPOSITORY, "alice", "maintain")
        say(story, merged(story, "prod"), "/towline rollback it does not boot", "alice")
        pull = story.open_pull("prod")
        assert sorted(imported(story, "prod", pull.head_ref)) == sorted([NEW, OLD])
        assert used(story, "prod", pull.head_ref) == OLD
        story.merge(pull)
        assert used(story, "prod") == OLD
        assert agrees(story, "prod", "1.0.0")
        at_rest(story)


def test_a_person_reverts_a_rollback(tmp_path: Path) -> None:
    with told(tmp_path, pipeline(SMOKE)) as story:
        story.push("1.0.0", 1)
        report(story, "success")
        story.later(timedelta(minutes=1))
        story.push("1.1.0", 2)
        broken = dict(tree(story, "dev"))
        report(story, "failure")
        assert story.holds("dev") == "1.0.0"
        story.later(timedelta(minutes=1))
        story.commit("main", broken)
        assert story.holds("dev") == "1.1.0"
        story.later(timedelta(minutes=2))
        assert story.holds("dev") == "1.1.0", "what a person wanted back stays"
        at_rest(story)


def test_a_rollback_after_a_revert_goes_on_from_there(tmp_path: Path) -> None:
    with told(tmp_path) as story:
        story.push("1.0.0", 1)
        story.later(timedelta(minutes=1))
        story.push("1.1.0", 2)
        middle = dict(tree(story, "dev"))
        story.later(timedelta(minutes=1))
        story.push("1.2.0", 3)
        story.commit("main", middle)
        story.later(timedelta(minutes=2))
        assert story.holds("dev") == "1.1.0", "a revert holds the line"
        story.stand_in.add_collaborator(REPOSITORY, "alice", "maintain")
        say(story, merged(story), "/towline rollback 1.0.0 still wrong", "alice")
        assert story.holds("dev") == "1.0.0"
        at_rest(story)
