"""A side of a change has the disks of the records that the sidecar would apply, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.console.side import Side
from plugin.record import write_record
from plugin.stage_files import sources_of
from plugin.stage_policy import Write
from tests.plugin.disks.stages import GOLDEN, NEW, OLD, texts
from tests.plugin.test_recorded import record

FILES = texts(GOLDEN / "blue-green" / "before")
APPLIED = write_record(replace(record(), write=Write.RECORD))


def disks(records: dict[str, str]) -> str:
    side = Side(sources_of("", FILES), "", FILES | records)
    return side.applied(previous=True).texts["disks.yaml"]


def test_the_disks_are_those_of_an_applied_record() -> None:
    assert NEW in disks({".freight/vm.yaml": APPLIED})


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".freight/vm.yaml", write_record(record())),
        (".freight/vm.yaml", "nonsense"),
        (".freight/vm.yaml.orig", APPLIED),
        (".freight/copy.yaml", APPLIED),
        ("other/.freight/vm.yaml", APPLIED),
    ],
)
def test_what_the_sidecar_would_not_apply_changes_none(file: str, text: str) -> None:
    found = disks({file: text})
    assert OLD in found
    assert NEW not in found
