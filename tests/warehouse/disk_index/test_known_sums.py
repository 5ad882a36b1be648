"""What is known of checksums, in memory and in a file."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.warehouse.disk_index.fetching import Validators
from github_app.warehouse.disk_index.known_sums import MANY, Computed, KnownSums, State
from github_app.warehouse.disk_index.sums_file import SumsFile
from plugin.errors import Refusal, Temporary
from tests.clocks import START, Clock

SUM = f"sha256:{'a' * 64}"
STATE = State(Validators('"x"', None), 3)


def computed(address: str, minutes: float = 0) -> Computed:
    return Computed(address, STATE, SUM, START + timedelta(minutes=minutes))


def test_only_so_many_are_remembered_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    kept = SumsFile(tmp_path / "sums.json")
    known = KnownSums(Clock())
    for number in range(MANY + 10):
        known.found(computed(f"https://x.io/{number}"))
        known.told(f"https://y.io/{number}", SUM)
        known.trouble(f"https://z.io/{number}", Refusal("no"), timedelta(hours=1))
    assert known.last("https://x.io/9") is known.last("https://y.io/9") is None
    assert known.last("https://x.io/10") == known.last("https://y.io/10") == SUM
    known.check("https://z.io/9")
    with pytest.raises(Refusal, match="no"):
        known.check("https://z.io/10")
    kept.write(tuple(computed(f"https://x.io/{number}", -number) for number in range(MANY + 10)))
    again = KnownSums(Clock(), kept)
    assert again.last("https://x.io/9") == SUM
    assert again.last(f"https://x.io/{MANY + 9}") is None, "the oldest"


def test_trouble_lasts_as_long_as_the_longest() -> None:
    clock = Clock()
    known = KnownSums(clock)
    known.trouble("https://x.io", Refusal("too large"), timedelta(hours=6))
    known.trouble("https://x.io", Temporary("busy"), timedelta(minutes=5))
    with pytest.raises(Refusal, match="too large"):
        known.check("https://x.io")
    clock.passes(hours=7)
    known.trouble("https://x.io", Temporary("busy"), timedelta(minutes=5))
    clock.passes(minutes=2)
    with pytest.raises(Temporary, match="busy") as raised:
        known.check("https://x.io")
    assert raised.value.after == timedelta(minutes=3)


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    kept = SumsFile(tmp_path / "sums.json")
    assert kept.read() == ()
    every = (computed("https://x.io/ä"), Computed("y", State(Validators(), None), SUM, START))
    kept.write(every)
    assert kept.read() == every
    kept.write(every[:1])
    assert kept.read() == every[:1]
    assert [one.name for one in tmp_path.iterdir()] == ["sums.json"]


def test_what_is_forgotten_is_not_in_the_file(tmp_path: Path) -> None:
    kept = SumsFile(tmp_path / "sums.json")
    known = KnownSums(Clock(), kept)
    known.found(computed("https://x.io/a"))
    known.found(computed("https://x.io/b"))
    known.forget("https://x.io/a")
    assert kept.read() == (computed("https://x.io/b"),)


GOOD = {
    "address": "https://x.io",
    "etag": None,
    "modified": None,
    "length": 1,
    "checksum": SUM,
    "at": START.isoformat(),
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "7",
        '{"a": 1}',
        "[1]",
        "[{}]",
        "[" * 100_000,
        json.dumps([GOOD | {"checksum": "sha256:aa"}]),
        json.dumps([GOOD | {"checksum": 7}]),
        json.dumps([GOOD | {"length": "1"}]),
        json.dumps([GOOD | {"address": 7}]),
        json.dumps([GOOD | {"etag": ["x"]}]),
        json.dumps([GOOD | {"at": "2026-09-01T12:00:00"}]),
        json.dumps([GOOD | {"at": "yesterday"}]),
        json.dumps([GOOD | {"at": 7}]),
    ],
)
def test_a_file_that_makes_no_sense_is_begun_anew(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept = SumsFile(tmp_path / "sums.json")
    kept.path.write_text(text, encoding="utf-8")
    assert kept.read() == ()
    assert "is not understood, its images are read again" in caplog.text
    kept.write((computed("https://x.io"),))
    assert kept.read() == (computed("https://x.io"),)


def test_a_file_that_cannot_be_written_is_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = KnownSums(Clock(), SumsFile(tmp_path / "gone" / "sums.json"))
    known.found(computed("https://x.io"))
    assert known.fresh("https://x.io") == SUM
    assert "cannot be written" in caplog.text
