"""The table shows both sides of every ratio, and a bench that cannot run stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.row import Row, against_floor, at_most, medians, shown, times_floor
from bench.run import measured
from bench.table import table
from plugin.errors import Refusal


def test_both_sides_of_a_ratio_are_shown() -> None:
    text = table([against_floor("edit", 0.3, 0.1, "s", 2), at_most("requests", 3, "requests", 3)])
    assert text.splitlines() == [
        "what      value       floor  ratio  target",
        "edit      0.3 s       0.1 s  3.00   <= 2 x floor   MISSED",
        "requests  3 requests                <= 3 requests  met",
    ]


def test_a_speed_must_be_some_times_its_floor() -> None:
    assert times_floor("edit", 5.0, 0.25, "MB/s", 20).met
    assert not times_floor("edit", 4.9, 0.25, "MB/s", 20).met


def test_without_a_target_nothing_is_met_or_missed() -> None:
    row = shown("second look", 0.5, "s", 0.1)
    assert row.as_json()["met"] is None
    assert table([row]).splitlines()[1].split() == [
        "second",
        "look",
        "0.5",
        "s",
        "0.1",
        "s",
        "5.00",
    ]


def test_a_row_is_written_with_every_field() -> None:
    assert against_floor("edit", 0.2, 0.1, "s", 2).as_json() == {
        "name": "edit",
        "value": 0.2,
        "unit": "s",
        "floor": 0.1,
        "ratio": 2.0,
        "target": "<= 2 x floor",
        "met": True,
    }


def test_works_are_run_in_turns_and_their_medians_kept() -> None:
    ticks = iter([0.0, 1.0, 0.0, 10.0, 0.0, 3.0, 0.0, 30.0, 0.0, 2.0, 0.0, 20.0])
    order: list[str] = []
    assert medians(
        lambda: order.append("a"), lambda: order.append("b"), clock=lambda: next(ticks), runs=3
    ) == [2.0, 20.0]
    assert order == ["a", "b"] * 3


class Fine:
    def rows(self, tools: Path, work: Path) -> Iterator[Row]:
        assert list(work.iterdir()) == []
        yield at_most("fine", 1, "s", 2)


class Broken:
    def rows(self, tools: Path, work: Path) -> Iterator[Row]:
        raise Refusal(f"no {tools}")
        yield


def test_a_bench_that_cannot_run_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    rows = measured([Broken(), Fine()], Path("tools"))
    assert [row.name for row in rows] == ["fine"]
    assert capsys.readouterr().err == "NOT MEASURED: no tools\n"
