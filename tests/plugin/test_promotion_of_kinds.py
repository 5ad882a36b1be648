"""Every kind of artifact in a stage: adopted, promoted, changed by hand, and taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.artifact import Artifact, Chart, Custom, DiskImage, Image
from plugin.freight import Freight
from plugin.held import Held
from plugin.holding import Adopted, Empty, Managed, Unmanaged, holding
from plugin.pins.pin import UpToDate
from plugin.promotion import Changes, Refused, promote
from plugin.record import read_record, write_record
from plugin.stage_policy import Write
from tests.plugin.kinds import RECORD, STAGE, STORIES, Story, record_of

EVERY = pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
# The previous disk stays, so that these files are not what they were.
COPYING = "disk in a DataVolume"


def promoted(story: Story, files: dict[str, str], artifact: Artifact) -> dict[str, str]:
    """The files after a promotion that must succeed, and that a second one leaves alone."""
    record = record_of(artifact)
    made = promote(STAGE, story.warehouse, files, record.freight, record, story.pins)
    assert isinstance(made, Changes), made
    after = {**files, **made.files}
    again = promote(STAGE, story.warehouse, after, record.freight, record, story.pins)
    assert again == UpToDate()
    return after


@EVERY
def test_pins_without_a_record_are_adopted(story: Story) -> None:
    answer = holding(STAGE, story.warehouse, story.files, story.pins)
    held = Held(story.old.subject, story.old.tag, story.old.digest)
    # Only a repository knows the commit of a tag, a registry the digest of a chart, and nobody but
    # a pin the address of a disk.
    asked = isinstance(story.old, Chart) and story.old.subject.in_registry
    whole = isinstance(story.old, Image | Chart | Custom) and not asked
    assert answer == Adopted((held,), Freight("main", (story.old,)) if whole else None)


@EVERY
def test_a_promotion_changes_the_version_and_no_other_byte(story: Story) -> None:
    after = promoted(story, story.files, story.new)
    assert story.after in after[story.path]
    if story is not STORIES[COPYING]:
        assert after[story.path] == story.after
    assert read_record(RECORD, after[RECORD]).freight.artifacts == (story.new,)
    answer = holding(STAGE, story.warehouse, after, story.pins)
    assert isinstance(answer, Managed)
    assert answer.record.freight == Freight("main", (story.new,))


@EVERY
def test_a_persons_change_is_told_with_what_the_record_says(story: Story) -> None:
    files = {**story.files, RECORD: write_record(record_of(story.new))}
    answer = holding(STAGE, story.warehouse, files, story.pins)
    assert isinstance(answer, Unmanaged)
    assert answer.found == (Held(story.old.subject, story.old.tag, story.old.digest),)
    assert answer.details
    for detail in answer.details:
        assert detail.startswith(f"{story.path}:")
        assert str(story.new.subject) in detail
        assert f"but the record says {story.new.tag}" in detail


@EVERY
def test_going_back_is_a_promotion_too(story: Story) -> None:
    there = promoted(story, story.files, story.new)
    back = promoted(story, there, story.old)
    if story is not STORIES[COPYING]:
        assert back[story.path] == story.text
    answer = holding(STAGE, story.warehouse, back, story.pins)
    assert isinstance(answer, Managed)
    assert answer.record.freight.artifacts == (story.old,)


@EVERY
def test_a_stage_without_any_pin_of_it_says_where_to_write_one(story: Story) -> None:
    record = record_of(story.new)
    files = {f"{STAGE}/other.yaml": "kind: ConfigMap\ndata: {}\n"}
    assert holding(STAGE, story.warehouse, files) == Empty()
    answer = promote(STAGE, story.warehouse, files, record.freight, record)
    assert isinstance(answer, Refused)
    (reason,) = answer.reasons
    assert reason.startswith(f"stages/prod holds no pin of {story.new.subject}; ")
    match story.new:
        case Custom():
            assert "'# towline: llm:tag'" in reason
        case DiskImage():
            assert "DataVolume" in reason
        case Chart():
            assert "helmCharts" in reason
        case Image():
            assert "'images' entry" in reason
        case _:
            assert "targetRevision" in reason


def test_a_disk_moves_by_name_address_and_checksum_and_leaves_the_old_one() -> None:
    story = STORIES[COPYING]
    after = promoted(story, story.files, story.new)
    disks, machine = after[story.path], after[f"{STAGE}/machine.yaml"]
    assert story.text in disks
    assert disks.count("kind: DataVolume") == 2
    assert "dataVolume: {name: root-222222222222}" in machine
    assert read_record(RECORD, after[RECORD]).previous_disks == (story.old,)
    managed = {**story.files, RECORD: write_record(record_of(story.old))}
    moved = promoted(story, managed, story.new)
    assert read_record(RECORD, moved[RECORD]).previous_disks == (story.old,)
    back = promoted(story, moved, story.old)
    assert "dataVolume: {name: root-111111111111}" in back[f"{STAGE}/machine.yaml"]
    assert read_record(RECORD, back[RECORD]).previous_disks == (story.new,)


def test_a_disk_without_a_checksum_is_known_by_the_version_in_its_address() -> None:
    story = STORIES[COPYING]
    lines = story.text.splitlines(keepends=True)
    files = story.files | {story.path: "".join(one for one in lines if "checksum" not in one)}
    answer = holding(STAGE, story.warehouse, files)
    assert answer == Adopted((Held(story.old.subject, "20250210-2019", None),), None)
    files[RECORD] = write_record(record_of(story.old))
    assert isinstance(holding(STAGE, story.warehouse, files), Managed)
    files[RECORD] = write_record(record_of(story.new))
    assert isinstance(holding(STAGE, story.warehouse, files), Unmanaged)


def test_the_disk_that_runs_stays_when_a_record_takes_over() -> None:
    story = STORIES[COPYING]
    record = replace(record_of(story.new), write=Write.RECORD)
    made = promote(STAGE, story.warehouse, story.files, record.freight, record)
    assert isinstance(made, Changes)
    assert list(made.files) == [RECORD]
    assert read_record(RECORD, made.files[RECORD]).previous_disks == (story.old,)
    assert [one.kept for one in made.disks] == [True]


def test_one_place_of_two_changed_by_hand_is_told_alone() -> None:
    story = STORIES["tag in targetRevision"]
    other = f"{STAGE}/b.yaml"
    files = {story.path: story.after, other: story.text, RECORD: write_record(record_of(story.new))}
    answer = holding(STAGE, story.warehouse, files)
    assert isinstance(answer, Unmanaged)
    (detail,) = answer.details
    assert (
        detail == f"{other}:5: https://github.com/acme/config is v1.0.0, but the record says v1.1.0"
    )
