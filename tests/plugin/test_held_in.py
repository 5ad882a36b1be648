"""What a directory holds, whoever writes it: all kinds of pins, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace

from plugin.artifact import CustomName, DiskImage
from plugin.freight import FreightId
from plugin.held import Held
from plugin.held_in import HeldIn, held_in
from plugin.record import write_record
from plugin.stage_policy import Write
from tests.plugin.kinds import (
    CHART,
    CONFIG,
    DEBIAN,
    DISK,
    FIRST,
    ONE,
    RECORD,
    STAGE,
    STORIES,
    TWO,
    WEB,
    application,
    disk,
    record_of,
)


def files_of(*names: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, name in enumerate(names):
        for path, text in STORIES[name].files.items():
            found[path.replace(STAGE, f"{STAGE}/{number}")] = text
    return found


def test_every_kind_is_held_with_what_its_pins_say() -> None:
    files = files_of("image", "chart in helmCharts", "tag in a remote base", "disk in a DataVolume")
    assert held_in(STAGE, files) == HeldIn(
        (
            Held(CHART, "1.0.0", None),
            disk("20250210-2019", ONE),
            Held(CONFIG, "v1.0.0", None),
            Held(WEB, "1.0.0", ONE),
        )
    )


def test_a_directory_without_versions_holds_nothing() -> None:
    assert held_in(STAGE, {}) == HeldIn()
    assert held_in(STAGE, {f"{STAGE}/a.yaml": "image: ghcr.io/acme/web\n"}) == HeldIn()
    assert held_in(STAGE, {"stages/dev/a.yaml": "image: ghcr.io/acme/web:1.0\n"}) == HeldIn()


def test_what_a_subscription_must_name_and_machines_are_not_watched() -> None:
    files = files_of("custom by a marker")
    files[f"{STAGE}/m.yaml"] = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
        "spec: {containers: [{name: a, image: 'ghcr.io/siderolabs/installer:v1.9.0'}]}\n"
    )
    found = held_in(STAGE, files)
    assert not any(isinstance(one.subject, CustomName) for one in found.holds)
    assert found.problems == ()


def test_pins_that_quarrel_are_told_with_their_lines() -> None:
    files = files_of("tag in targetRevision", "tag in a remote base")
    path = f"{STAGE}/1/kustomization.yaml"
    files[path] = files[path].replace("v1.0.0", FIRST)
    found = held_in(STAGE, files)
    assert found.holds == ()
    assert found.problems == tuple(
        f"{STAGE}/{place}: https://github.com/acme/config is {version}, but other pins of it "
        "differ; make them say the same"
        for place, version in (("0/a.yaml:5", "v1.0.0"), ("1/kustomization.yaml:2", FIRST))
    )


def test_a_branch_is_no_version_and_holds_nothing() -> None:
    head = application(f"{{repoURL: '{CONFIG}', path: web, targetRevision: main}}")
    assert held_in(STAGE, {f"{STAGE}/a.yaml": head}).holds == ()


def test_a_file_that_cannot_be_read_stands_in_the_way_if_it_may_hold_a_pin() -> None:
    files = files_of("image") | {f"{STAGE}/b.yaml": "a: [\n# ghcr.io/acme/web"}
    (problem,) = held_in(STAGE, files).problems
    assert problem.startswith(f"{STAGE}/b.yaml:3: is not YAML")


def test_a_disk_that_nothing_checks_is_told_and_not_passed_over() -> None:
    files = files_of("disk in a DataVolume", "image")
    path = f"{STAGE}/0/disk.yaml"
    files[path] = files[path].replace(f"      checksum: {ONE}\n", "")
    (problem,) = held_in(STAGE, files).problems
    assert problem == (
        f"{path}:7: {DISK} is 20250210-2019, but nothing says that disk's checksum; write it "
        "beside the url"
    )


def test_the_disk_that_machines_use_is_held_and_not_the_previous_one() -> None:
    files = files_of("disk in a DataVolume")
    path = f"{STAGE}/0/disk.yaml"
    newer = files[path].replace("20250210-2019", "20250703-2162").replace(ONE, TWO)
    files[path] = newer.replace("root-111111111111", "root-222222222222") + "---\n" + files[path]
    machine = f"{STAGE}/0/machine.yaml"
    files[machine] = files[machine].replace("root-111111111111", "root-222222222222")
    assert held_in(STAGE, files).holds == (
        DiskImage(DISK, "20250703-2162", DEBIAN.format("20250703-2162"), TWO),
    )


def test_what_records_say_that_are_applied_is_held_whatever_stands_in_the_pins() -> None:
    files = files_of("image")
    files[RECORD] = write_record(replace(record_of(STORIES["image"].new), write=Write.RECORD))
    assert held_in(STAGE, files) == HeldIn((STORIES["image"].new,))


def test_records_that_differ_are_told_and_none_is_preferred() -> None:
    story = STORIES["image"]
    files = {
        path: write_record(replace(record_of(artifact), write=Write.RECORD))
        for path, artifact in ((RECORD, story.new), ("stages/dev/.freight/main.yaml", story.old))
    }
    found = held_in("stages", files)
    assert found.holds == ()
    assert found.problems == (
        (
            f"{RECORD}: {WEB} is 1.1.0@{TWO}, but another record says 1.0.0@{ONE}; "
            "watch the directory of one stage"
        ),
    )
    agreeing = dict.fromkeys(files, files[RECORD])
    assert held_in("stages", agreeing) == HeldIn((story.new,))


def test_a_step_on_the_way_to_freight_is_not_taken() -> None:
    record = record_of(STORIES["image"].new)
    step = replace(record, freight=replace(record.freight, towards=FreightId("2" * 64)))
    (problem,) = held_in(STAGE, {**files_of("image"), RECORD: write_record(step)}).problems
    assert problem.startswith(f"{RECORD}: holds a step of ")
