"""What is wrong with a change of disks, in the words a person reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.disks.change_faults import change_faults
from plugin.disks.faults import faults
from plugin.pins.sources import Sources
from tests.plugin.disks.test_faults import CHECKSUM, HTTP, root, template, vm, volume

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "disks"
NEWER = HTTP.replace("1.0", "1.1")


def told(before: str, after: str) -> list[str]:
    found = change_faults(Sources({"vm.yaml": before}), Sources({"vm.yaml": after}))
    return [f"{one.level} {one.line}: {one.text}" for one in found]


def test_a_change_that_adds_a_disk_and_keeps_the_previous_one_has_no_faults() -> None:
    before = volume("a-1", HTTP) + vm("web", root("a-1"))
    after = volume("a-2", NEWER) + volume("a-1", HTTP) + vm("web", root("a-2"))
    assert told(before, after) == []
    assert told(after, volume("a-2", NEWER) + vm("web", root("a-2"))) == []
    assert told("", before) == []


@pytest.mark.parametrize(
    "newer", [NEWER, HTTP.replace(CHECKSUM, f"{CHECKSUM[:-1]}1"), "sourceRef: {name: x}"]
)
def test_a_template_with_another_source_under_the_same_name_is_ignored(newer: str) -> None:
    before = vm("web", root("a"), more=template("a", HTTP))
    assert told(before, vm("web", root("a"), more=template("a", newer))) == [
        (
            "error 6: template 'a' of vm web has another source under the same name: KubeVirt "
            "accepts that and does nothing; give it a new name, and the same in the volume that "
            "names it"
        )
    ]


def test_a_disk_with_another_source_under_the_same_name_is_refused_by_the_cluster() -> None:
    assert told(volume("a", HTTP), volume("a", NEWER)) == [
        (
            "error 3: DataVolume 'a' has another source under the same name, which CDI refuses, so "
            "nothing is synced; add a DataVolume with a new name, and name that in the volume"
        )
    ]
    assert told(volume("a", HTTP), volume("a", HTTP.replace("'https", "  'https"))) == []


def test_a_pool_with_another_source_loses_its_machines() -> None:
    def pool(source: str) -> str:
        return (
            "apiVersion: pool.kubevirt.io/v1beta1\nkind: VirtualMachinePool\n"
            "metadata: {name: workers}\nspec:\n  virtualMachineTemplate:\n    spec:\n"
            "      dataVolumeTemplates:\n"
            f"      - {{metadata: {{name: a}}, spec: {{source: {{{source}}}}}}}\n"
            "      template: {spec: {volumes: [{name: root, dataVolume: {name: a}}]}}\n"
        )

    assert told(pool(HTTP), pool(NEWER)) == [
        (
            "error 8: template 'a' of pool workers has another source: KubeVirt 1.6 and newer "
            "deletes the pool's machines with their disks for that; make a new pool"
        )
    ]


@pytest.mark.parametrize("how", [root("a"), "{name: root, persistentVolumeClaim: {claimName: a}}"])
def test_a_disk_that_is_deleted_under_its_machine(how: str) -> None:
    machine = vm("web", how)
    assert told(volume("a", HTTP) + machine, machine) == [
        "error 3: DataVolume 'a' is deleted, and volume 'root' of vm web still names it; keep it"
    ]


def test_the_previous_disk_deleted_in_the_change_that_switches() -> None:
    before = volume("a", HTTP) + vm("web", root("a"))
    assert told(before, volume("b", NEWER) + vm("web", root("b"))) == [
        (
            "error 3: DataVolume 'a' is deleted in the change that takes it out of vm web, which "
            "runs on it until its restart and cannot go back; keep it, and delete it in a later "
            "change"
        )
    ]


def test_a_disk_that_goes_with_its_machine_is_mentioned() -> None:
    assert told(volume("a", HTTP) + vm("web", root("a")), "") == [
        "warning 3: DataVolume 'a' goes together with vm web: what is on it is lost"
    ]


def test_a_disk_that_is_moved_to_another_file_is_not_deleted() -> None:
    disk, machine = volume("a", HTTP), vm("web", root("a"))
    found = change_faults(Sources({"a.yaml": disk + machine}), Sources({"b.yaml": machine + disk}))
    assert found == ()


@pytest.mark.parametrize(("size", "shrinks"), [("10Gi", True), ("21G", True), ("20480Mi", False)])
def test_disks_do_not_shrink(size: str, shrinks: bool) -> None:
    before = volume("a", HTTP) + vm("web", root("a"))
    after = volume("b", NEWER).replace("20Gi", size) + volume("a", HTTP) + vm("web", root("b"))
    assert told(before, after) == (
        [
            (
                f"error 6: DataVolume 'b' asks for {size} where DataVolume 'a' has 20Gi: a disk "
                "never shrinks; ask for as much at least"
            )
        ]
        if shrinks
        else []
    )


def test_a_disk_does_not_shrink_under_its_name_either() -> None:
    assert told(volume("a", HTTP), volume("a", HTTP).replace("20Gi", "5Gi")) == [
        (
            "error 6: DataVolume 'a' asks for 5Gi where DataVolume 'a' has 20Gi: a disk never "
            "shrinks; ask for as much at least"
        )
    ]


def test_a_new_disk_under_a_migration_would_get_the_old_content() -> None:
    before = volume("a", HTTP) + vm("web", root("a"))
    migrating = vm("web", root("b"), more="  updateVolumesStrategy: Migration\n")
    assert told(before, volume("b", NEWER) + volume("a", HTTP) + migrating) == [
        (
            "error 23: volume 'root' of vm web names another disk while updateVolumesStrategy is "
            "Migration: the old disk's content is copied over the new one; remove that strategy in "
            "the same change"
        )
    ]


def test_what_towline_does_itself_has_no_faults() -> None:
    cases = [one.parent for one in sorted(GOLDEN.glob("*/after"))]
    assert cases
    for case in cases:
        before, after = (
            Sources(
                {
                    one.relative_to(case / side).as_posix(): one.read_bytes().decode("utf-8")
                    for one in (case / side).rglob("*.yaml")
                }
            )
            for side in ("before", "after")
        )
        found = (*change_faults(before, after), *faults(after))
        assert [one for one in found if one.level == "error"] == [], case.name
