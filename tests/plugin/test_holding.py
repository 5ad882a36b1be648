"""What a stage holds whose promotions write the record alone, or did so before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.held import Held
from plugin.holding import Adopted, Empty, Holding, Managed, Unreadable, holding
from plugin.pins.pin import UpToDate
from plugin.promotion import Changes, promote
from plugin.record import Record, read_record, write_record
from plugin.stage_policy import Write
from tests.plugin.pins.texts import NEW, OLD, image, manifest
from tests.plugin.test_promotion import KUSTOMIZATION, RECORD, STAGE, WEB, entry, stage, warehouse
from tests.plugin.test_promotion import record as pinned

QUARREL = stage(web=manifest("image: ghcr.io/acme/web:1.0"), api=manifest(f"image: {WEB}:1.2"))
UNREADABLE = stage() | {f"{STAGE}/a.yaml": "a: [\n# ghcr.io/acme/web"}
FILES = [stage(), stage(entry("1.1.0", NEW)), stage(entry("0.9", OLD)), QUARREL, UNREADABLE]


def applied() -> Record:
    return replace(pinned(), write=Write.RECORD)


def held(files: dict[str, str], record: Record | None, write: Write = Write.RECORD) -> Holding:
    said = {RECORD: write_record(record)} if record else {}
    return holding(STAGE, warehouse(), files | said, write=write)


@pytest.mark.parametrize("files", FILES)
def test_a_record_that_is_applied_is_what_a_stage_holds(files: dict[str, str]) -> None:
    assert held(files, applied()) == Managed(applied())
    assert held(files, applied(), Write.PINS) == Managed(applied(), unwritten=True)


@pytest.mark.parametrize("files", FILES)
def test_pins_stand_for_the_record_until_the_next_one_if_they_agree(files: dict[str, str]) -> None:
    agree = files == stage(entry("1.1.0", NEW))
    assert held(files, pinned()) == Managed(pinned(), unwritten=not agree)


def test_without_a_record_versions_in_the_files_are_somebodys() -> None:
    assert held(stage(), None) == Empty()
    assert held(UNREADABLE, None) == Empty()
    assert isinstance(held(stage(entry("1.0", OLD)), None), Adopted)
    every = (Held(WEB, "1.2", None), Held(WEB, "1.0", None))
    assert held(QUARREL, None) == Adopted(every, None)


@pytest.mark.parametrize("write", list(Write))
def test_a_record_that_cannot_be_read_is_said_in_both_ways(write: Write) -> None:
    found = holding(STAGE, warehouse(), stage() | {RECORD: "garbage"}, write=write)
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize("files", FILES)
def test_a_record_is_all_that_changes_and_only_once(files: dict[str, str]) -> None:
    new = applied()
    made = promote(STAGE, warehouse(), files, new.freight, new)
    assert made == Changes({RECORD: write_record(new)}, ())
    assert promote(STAGE, warehouse(), files | dict(made.files), new.freight, new) == UpToDate()
    again = promote(STAGE, warehouse(), files | {RECORD: write_record(pinned())}, new.freight, new)
    assert again == made


def test_placeholders_become_pins_even_where_they_quarrel() -> None:
    there = {RECORD: write_record(applied())}
    made = promote(STAGE, warehouse(), QUARREL | there, pinned().freight, pinned())
    assert isinstance(made, Changes)
    assert read_record(RECORD, made.files[RECORD]) == pinned()
    assert held(QUARREL | dict(made.files), pinned(), Write.PINS) == Managed(pinned())


def test_a_mode_alone_is_a_change() -> None:
    files = stage(entry("1.1.0", image().digest)) | {RECORD: write_record(applied())}
    made = promote(STAGE, warehouse(), files, pinned().freight, pinned())
    assert isinstance(made, Changes)
    assert set(made.files) == {RECORD}
    assert KUSTOMIZATION in files
