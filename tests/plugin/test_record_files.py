"""A stage's records are known by their names, and each is named like its warehouse."""

from __future__ import annotations

import pytest

from plugin.errors import Refusal
from plugin.record import record_path, write_record
from plugin.record_files import record_files, record_in, records_directory
from tests.plugin.test_recorded import record


@pytest.mark.parametrize("stage", ["", "stages/prod"])
def test_records_are_found_where_they_are_written(stage: str) -> None:
    names = ("vm.yaml", ".vm.yaml.swp", "README.md", "vm.yaml.orig", "app.yaml")
    found = record_files(records_directory(stage), names)
    assert found == [record_path(stage, "app"), record_path(stage, "vm")]


@pytest.mark.parametrize("stage", ["", "stages/prod"])
def test_a_record_under_another_name_is_refused(stage: str) -> None:
    text = write_record(record())
    assert record_in(record_path(stage, "vm"), text) == record()
    path = record_path(stage, "copy")
    with pytest.raises(Refusal, match=f"{path}: is the record of warehouse 'vm'; name the file"):
        record_in(path, text)
