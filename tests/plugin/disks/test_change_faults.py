"""What is wrong with a change of disks, in the words a person reads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

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


def between(before: dict[str, str], after: dict[str, str]) -> list[str]:
    found = change_faults(Sources(before), Sources(after))
    return [f"{one.level} {one.file}: {one.text}" for one in found]


APPS = {
    "a/d.yaml": volume("root", HTTP),
    "a/vm.yaml": vm("web", root("root")),
    "b/d.yaml": volume("root", NEWER).replace("20Gi", "10Gi"),
    "b/vm.yaml": vm("db", root("root")),
}
BUILT = APPS | {
    f"{one}/kustomization.yaml": f"namespace: {one}\nresources: [d.yaml, vm.yaml]\n" for one in "ab"
}


@pytest.mark.parametrize("files", [APPS, BUILT])
def test_disks_of_one_name_in_two_applications_are_two(files: dict[str, str]) -> None:
    assert (between(files, files), faults(Sources(files))) == ([], ())
    changed = files | {"b/d.yaml": files["b/d.yaml"].replace("1.1", "1.2")}
    assert [one.partition(": ")[0] for one in between(files, changed)] == ["error b/d.yaml"]
    gone = {file: text for file, text in files.items() if file != "a/d.yaml"}
    assert between(files, gone) == [
        (
            "error a/d.yaml: DataVolume 'root' is deleted, and volume 'root' of vm web still names "
            "it; keep it"
        )
    ]


def test_two_applications_that_move_together_are_not_mixed_up() -> None:
    moved = {f"apps/{file}": text for file, text in APPS.items()}
    assert between(APPS, moved) == []


def test_a_machine_is_its_base_and_its_patch() -> None:
    files = {
        "base/kustomization.yaml": "resources: [vm.yaml]\n",
        "base/vm.yaml": vm("web", root("a"), more="  updateVolumesStrategy: Replacement\n"),
        "dev/kustomization.yaml": "resources: [../base, d.yaml]\npatches: [{path: p.yaml}]\n",
        "dev/d.yaml": volume("a", HTTP),
        "dev/p.yaml": "",
    }
    patched = files | {
        "dev/d.yaml": volume("b", NEWER).replace("20Gi", "5Gi") + volume("a", HTTP),
        "dev/p.yaml": vm("web", root("b")),
    }
    assert between(files, patched) == [
        (
            "error dev/d.yaml: DataVolume 'b' asks for 5Gi where DataVolume 'a' has 20Gi: a disk "
            "never shrinks; ask for as much at least"
        )
    ]


def test_a_disk_that_is_deleted_under_a_data_source() -> None:
    def golden(claim: str, name: str = "fedora") -> str:
        source = f"spec: {{source: {{pvc: {{name: {claim}, namespace: images}}}}}}\n"
        head = "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataSource\n"
        return f"{head}metadata: {{name: {name}}}\n{source}---\n"

    disk = volume("a", HTTP).replace("name: a,", "name: a, namespace: images,")
    assert told(disk + golden("a"), golden("a")) == [
        (
            "error 3: DataVolume 'a' is deleted, and DataSource 'fedora' still copies it for every "
            "new disk; keep it"
        )
    ]
    assert told(disk + golden("a"), golden("b")) == []
    assert told(disk + golden("a"), golden("a", "debian")) == []
    assert told(disk + golden("a"), "") == []


def test_a_disk_that_is_deleted_under_an_ephemeral_volume() -> None:
    copying = "{name: root, ephemeral: {persistentVolumeClaim: {claimName: a}}}"
    machine = vm("web", copying)
    assert told(volume("a", HTTP) + machine, machine) == [
        "error 3: DataVolume 'a' is deleted, and volume 'root' of vm web still names it; keep it"
    ]
    assert told(volume("a", HTTP) + machine, "") == [
        "warning 3: DataVolume 'a' goes together with vm web: no machine can copy it any more"
    ]
    assert faults(Sources({"vm.yaml": volume("a", HTTP) + machine + vm("db", copying)})) == ()


def _many(count: int, name: str, newer: bool = False) -> Sources:
    """A machine and its disk in each of `count` directories."""
    texts = {}
    for number in range(count):
        old, new = f"{name.format(number)}-1", f"{name.format(number)}-2"
        disks = volume(old, HTTP) + (volume(new, NEWER) if newer else "")
        machine = vm(f"vm{number}", root(new if newer else old))
        texts[f"apps/{number}/vm.yaml"] = disks + machine
    return Sources(texts)


def _calls(work: Callable[[], object]) -> int:
    """How many functions are called: what grows with the square is seen at any speed."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", ["vm{}-root", "root"])
def test_the_work_grows_with_the_number_of_machines_only(name: str) -> None:
    calls = []
    for count in (30, 120):
        before, after = _many(count, name), _many(count, name, newer=True)
        change_faults(before, after)  # parses every file
        calls.append(_calls(lambda: (change_faults(before, after), faults(after))))  # noqa: B023
    assert calls[1] < 4.5 * calls[0]
