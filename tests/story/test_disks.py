"""VM disks through the whole App: renamed, kept, refused, and gone back to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.kubevirt.schemas import crds
from tests.story.disks import (
    DISKS,
    FEDORA,
    FIRST,
    MACHINE,
    NEW,
    NEWEST,
    OLD,
    PIPELINE,
    SECOND,
    STAGE,
    THIRD,
    agrees,
    body,
    faults,
    files,
    imported,
    landed,
    red,
    used,
)
from tests.story.world import REPOSITORY, Story, digest, told

__all__ = ["crds"]


@pytest.mark.usefixtures("crds")
def test_a_disk_travels_through_the_stages_and_one_is_kept(tmp_path: Path, kustomize: Path) -> None:
    with told(tmp_path / "world", files()) as story:
        for number, tag, kept in (
            (SECOND, "1.1.0", [NEW, OLD]),
            (THIRD, "1.2.0", [NEWEST, NEW]),
        ):
            story.push(tag, number, FEDORA)
            pull = story.open_pull("prod")
            assert imported(story, "prod", pull.head_ref) == kept
            assert used(story, "prod", pull.head_ref) == kept[0]
            assert used(story, "prod") == kept[1]
            assert story.check(pull).conclusion == "success"
            assert "**1 image, 1 pin in 1 file, 1 machine restart, 1 disk replaced.**" in body(pull)
            assert f"`{kept[1]}` | `{kept[0]}` (imported anew) | by hand" in body(pull)
            story.merge(pull)
            for stage in ("dev", "prod"):
                assert (imported(story, stage), used(story, stage)) == (kept, kept[0])
                assert agrees(story, stage, tag)
                assert faults(story, stage, tmp_path / tag, kustomize) == []
            assert f"towline.dev/version: {tag}" in story.text("stages/prod/disks.yaml")
        assert not story.open_pulls()
        assert len(story.pulls()) == 4


def test_a_revert_goes_back_to_the_disk_that_is_still_there(tmp_path: Path) -> None:
    with told(tmp_path, files()) as story:
        landed(story, "1.1.0", SECOND)
        before = landed(story, "1.2.0", THIRD)
        assert imported(story, "prod") == [NEWEST, NEW]
        story.commit("main", before)
        assert used(story, "prod") == NEW
        assert imported(story, "prod") == [NEW, OLD]
        assert agrees(story, "prod", "1.1.0")
        story.push("1.3.0", FIRST, FEDORA)
        assert used(story, "dev") != NEWEST
        assert not story.open_pulls(), "prod is held"


def test_a_pointer_moved_back_alone_holds_the_line(tmp_path: Path) -> None:
    with told(tmp_path, files()) as story:
        landed(story, "1.1.0", SECOND)
        machine = story.text("stages/prod/machine.yaml").replace(NEW, OLD)
        story.commit("main", {"stages/prod/machine.yaml": machine})
        assert (used(story, "prod"), imported(story, "prod")) == (OLD, [NEW, OLD])
        story.push("1.2.0", THIRD, FEDORA)
        assert used(story, "dev") == NEWEST
        assert not story.open_pulls(), "prod is held"
        story.commit("main", {"stages/prod/machine.yaml": machine.replace(OLD, NEW)})
        assert used(story, "prod", story.open_pull("prod").head_ref) == NEWEST


def test_going_back_to_an_older_tag_points_to_the_disk_that_is_kept(tmp_path: Path) -> None:
    with told(tmp_path, files()) as story:
        landed(story, "1.1.0", SECOND)
        landed(story, "1.0.0", FIRST)
        assert (used(story, "prod"), imported(story, "prod")) == (OLD, [NEW, OLD])
        assert f"| `{NEW}` | `{OLD}` (still there) |" in body(story.pulls()[-1])
        assert agrees(story, "prod", "1.0.0")


def by_hand(story: Story, stage: str) -> dict[str, str]:
    """The disk's source made another image's, under its old name."""
    path = f"stages/{stage}/disks.yaml"
    return {path: story.text(path).replace(digest(FIRST), digest(SECOND))}


def test_a_source_changed_under_its_old_name_stops_the_line(tmp_path: Path) -> None:
    with told(tmp_path, files()) as story:
        story.push("1.1.0", SECOND, FEDORA)
        pull = story.open_pull("prod")
        story.commit("main", by_hand(story, "prod"))
        assert "ends in the digits of another image: its source was changed" in red(story)
        assert story.open_pull("prod").head_sha == pull.head_sha
        story.push("1.2.0", THIRD, FEDORA)
        assert story.open_pull("prod").head_sha == pull.head_sha


def test_without_a_version_for_people_it_stops_the_line_as_well(tmp_path: Path) -> None:
    bare = {**STAGE, "disks.yaml": DISKS.replace("{towline.dev/version: 1.0.0}", "{}")}
    with told(tmp_path, files(prod=bare)) as story:
        story.push("1.1.0", SECOND, FEDORA)
        story.commit("main", by_hand(story, "prod"))
        assert story.check(story.open_pull("prod")).conclusion == "action_required"


def test_a_recorded_source_changed_by_hand_is_an_unmanaged_change(tmp_path: Path) -> None:
    with told(tmp_path, files()) as story:
        landed(story, "1.1.0", SECOND)
        path = "stages/prod/disks.yaml"
        text = story.text(path).replace(digest(SECOND), digest(THIRD))
        story.commit("main", {path: text})
        story.push("1.2.0", THIRD, FEDORA)
        assert used(story, "dev") == NEWEST
        assert not story.open_pulls()
        assert story.text(path) == text


TWO = PIPELINE.replace(
    "vm: [{image: harbor.lan/vm/fedora}]",
    "vm:\n    - image: harbor.lan/vm/fedora\n    - image: ghcr.io/acme/web",
)
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: front}
spec:
  template:
    spec:
      containers: [{name: web, image: "ghcr.io/acme/web:1.0.0"}]
"""
BOTH = {**STAGE, "front.yaml": POD}


def test_containers_and_a_disk_of_one_freight_move_in_one_commit(tmp_path: Path) -> None:
    with told(tmp_path, files(TWO, dev=BOTH, prod=BOTH)) as story:
        story.announce("1.1.0", SECOND, FEDORA)
        story.push("2.0.0", 5)
        pull = story.open_pull("prod")
        assert "**2 images, 2 pins in 2 files, 1 machine restart, 1 disk replaced.**" in body(pull)
        assert len(story.stand_in.commits(REPOSITORY, pull.number)) == 1
        assert {one.path for one in story.stand_in.files(REPOSITORY, pull.number)} == {
            f"stages/prod/{name}"
            for name in ("disks.yaml", "machine.yaml", "front.yaml", ".freight/vm.yaml")
        }
        story.merge(pull)
        assert used(story, "prod") == NEW
        assert f"ghcr.io/acme/web:2.0.0@{digest(5)}" in story.text("stages/prod/front.yaml")

        story.push("2.1.0", 6)
        assert "**1 image, 1 pin in 1 file, no disk.**" in body(story.open_pull("prod"))


def test_where_the_disk_cannot_move_nothing_does(tmp_path: Path) -> None:
    stuck = MACHINE.replace("  runStrategy", "  updateVolumesStrategy: Migration\n  runStrategy")
    with told(tmp_path, files(TWO, dev=BOTH, prod={**BOTH, "machine.yaml": stuck})) as story:
        story.announce("1.1.0", SECOND, FEDORA)
        story.push("2.0.0", 5)
        assert used(story, "dev") == NEW
        assert not story.open_pulls()
        assert story.text("stages/prod/front.yaml") == POD
        story.commit("main", {"stages/prod/machine.yaml": MACHINE})
        pull = story.open_pull("prod")
        story.commit("main", {"stages/prod/machine.yaml": stuck})
        assert "updateVolumesStrategy: Migration, which would copy the old disk" in red(story)
        assert story.open_pull("prod").number == pull.number


TEMPLATE = f"""\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: web}}
spec:
  runStrategy: Always
  dataVolumeTemplates:
    - metadata: {{name: {OLD}}}
      spec:
        source:
          registry: {{url: "docker://{FEDORA}@{digest(FIRST)}"}}
        storage:
          resources: {{requests: {{storage: 20Gi}}}}
  template:
    spec:
      domain:
        devices:
          disks: [{{name: root, disk: {{bus: virtio}}}}]
        memory: {{guest: 1Gi}}
      volumes:
        - name: root
          dataVolume: {{name: {OLD}}}
"""


def test_a_machine_with_a_template_is_stateful_as_well(tmp_path: Path) -> None:
    machine = "stages/prod/machine.yaml"
    with told(tmp_path, files(prod={"machine.yaml": TEMPLATE})) as story:
        story.push("1.1.0", SECOND, FEDORA)
        assert "vm web would start with a fresh disk" in red(story)
        replaceable = "{name: web, annotations: {towline.dev/disk-policy: replace}}"
        policy = TEMPLATE.replace("metadata: {name: web}", f"metadata: {replaceable}")
        story.commit("main", {machine: policy})
        pull = story.open_pull("prod")
        assert story.check(pull).conclusion == "success"
        assert f"`{OLD}` does not stay in Git: the way back imports it anew" in body(pull)
        story.merge(pull)
        assert story.text(machine) == policy.replace(OLD, NEW).replace(
            digest(FIRST), digest(SECOND)
        )


def test_a_previous_disk_may_be_removed_by_hand(tmp_path: Path) -> None:
    with told(tmp_path, files()) as story:
        landed(story, "1.1.0", SECOND)
        documents = story.text("stages/prod/disks.yaml").split("---\n")
        without = "---\n".join(one for one in documents if OLD not in one)
        story.commit("main", {"stages/prod/disks.yaml": without})
        assert imported(story, "prod") == [NEW]
        assert agrees(story, "prod", "1.1.0")
        landed(story, "1.2.0", THIRD)
        assert imported(story, "prod") == [NEWEST, NEW]


def test_two_lines_may_share_a_file_of_disks(tmp_path: Path) -> None:
    def second(text: str) -> str:
        return text.replace("web", "db").replace("vm/fedora", "vm/debian")

    pipeline = (
        "project: shop\nwarehouses:\n"
        "  vm: [{image: harbor.lan/vm/fedora}]\n  db: [{image: harbor.lan/vm/debian}]\n"
        "stages:\n  prod: {warehouses: [vm, db], path: stages/prod}\n"
    )
    both = {name: f"{text}---\n{second(text)}" for name, text in STAGE.items()}
    both["kustomization.yaml"] = STAGE["kustomization.yaml"]
    with told(tmp_path, files(pipeline, ["prod"], prod=both)) as story:
        story.announce("1.1.0", SECOND, FEDORA)
        story.push("7.0.0", THIRD, second(FEDORA))
        story.merge(story.open_pull("prod", "vm"))
        story.merge(story.open_pull("prod", "db"))
        assert imported(story, "prod") == [NEW, OLD, second(NEWEST), second(OLD)]
        assert story.text("stages/prod/machine.yaml") == both["machine.yaml"].replace(
            OLD, NEW
        ).replace(second(OLD), second(NEWEST))
        assert agrees(story, "prod", "1.1.0")
        assert not story.open_pulls()


def test_more_previous_disks_are_kept_where_a_stage_asks(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("path: stages/prod", "path: stages/prod, disks: {keep: 2}")
    with told(tmp_path, files(pipeline)) as story:
        landed(story, "1.1.0", SECOND)
        landed(story, "1.2.0", THIRD)
        assert imported(story, "prod") == [NEWEST, NEW, OLD]
        assert imported(story, "dev") == [NEWEST, NEW]


FIELDS = f"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: disks
  annotations: {{config.kubernetes.io/local-config: "true"}}
data:
  root.name: {OLD}  # the root of web
  root.url: docker://{FEDORA}@{digest(FIRST)}
"""
COPYING = """\
resources: [../../base, disks.yaml]
replacements:
  - source: {kind: ConfigMap, name: disks, fieldPath: 'data.root\\.name'}
    targets:
      - {select: {kind: DataVolume, name: root}, fieldPaths: [metadata.name]}
      - select: {kind: VirtualMachine, name: web}
        fieldPaths: ['spec.template.spec.volumes.[name=root].dataVolume.name']
  - source: {kind: ConfigMap, name: disks, fieldPath: 'data.root\\.url'}
    targets:
      - {select: {kind: DataVolume, name: root}, fieldPaths: [spec.source.registry.url]}
"""
BASE = {
    "base/kustomization.yaml": "resources: [disks.yaml, machine.yaml]\n",
    "base/disks.yaml": DISKS.replace(f"name: {OLD}", "name: root"),
    "base/machine.yaml": MACHINE.replace(OLD, "root"),
}


@pytest.mark.usefixtures("crds")
def test_two_fields_that_kustomize_copies_are_a_disk(tmp_path: Path, kustomize: Path) -> None:
    stage = {"kustomization.yaml": COPYING, "disks.yaml": FIELDS}
    with told(tmp_path / "world", BASE | files(dev=stage, prod=stage)) as story:
        story.push("1.1.0", SECOND, FEDORA)
        assert "vm web would start with a fresh disk" in red(story, "dev")
        policy = FIELDS.replace('"true"', '"true", towline.dev/disk-policy: replace')
        story.commit("main", {"stages/dev/disks.yaml": policy})
        moved = policy.replace(OLD, NEW).replace(digest(FIRST), digest(SECOND))
        assert story.text("stages/dev/disks.yaml") == moved
        assert faults(story, "dev", tmp_path / "rendered", kustomize) == []
        story.merge(story.open_pull("prod"))
        assert agrees(story, "prod", "1.1.0")
        story.push("1.2.0", THIRD, FEDORA)
        assert "vm web would start with a fresh disk" in red(story)
