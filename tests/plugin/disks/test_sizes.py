"""A disk is never moved to a smaller one."""

from __future__ import annotations

import pytest

from plugin.disks.sizes import bytes_of, shrinks
from tests.plugin.disks.stages import NEW, OLD, bumped, said
from tests.plugin.disks.test_owners import disk, joined, machine


@pytest.mark.parametrize(
    ("text", "number"),
    [("1Ki", 1024), ("1.5k", 1500), ("20Gi", 20 << 30), ("2e3", 2000), ("500m", 0.5), ("7", 7)],
)
def test_quantities(text: str, number: float) -> None:
    assert bytes_of(text) == number


@pytest.mark.parametrize("text", ["", "Gi", "${SIZE}", "1 Gi", "-1", "1e", "1Xi", "9" * 5000])
def test_what_is_no_quantity(text: str) -> None:
    assert bytes_of(text) is None


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ("10Gi", "asks for 10Gi, disk 'root-0d1e2f3a4b5c' for 20Gi: a disk never shrinks"),
        ("21G", "a disk never shrinks"),
        ("'${SIZE}'", "nobody can tell which is larger"),
    ],
)
def test_a_smaller_disk_that_is_there_is_not_taken(size: str, reason: str) -> None:
    disks = joined(disk("root-4f3c0a9b1d2e", NEW, size), disk("root-0d1e2f3a4b5c", OLD))
    done = bumped({"d.yaml": disks, "v.yaml": machine("db", root="root-0d1e2f3a4b5c")})
    assert done.files == {}
    assert reason in said(done)


@pytest.mark.parametrize("size", ["20480Mi", "30Gi"])
def test_a_disk_of_the_same_size_or_more_is(size: str) -> None:
    disks = joined(disk("root-4f3c0a9b1d2e", NEW, size), disk("root-0d1e2f3a4b5c", OLD))
    files = {"d.yaml": disks, "v.yaml": machine("db", root="root-0d1e2f3a4b5c")}
    assert bumped(files).refused == ()


def test_sizes_that_are_the_same_need_not_be_read() -> None:
    assert shrinks("${SIZE}", "${SIZE}") is False
