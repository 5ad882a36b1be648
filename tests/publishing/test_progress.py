"""What a person sees while it takes its time."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from github_app.publishing.progress import Bar, Lines, Progress, Silent, size

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536 * MIB, "1.5 GiB"),
        (5000 << 40, "5000.0 TiB"),
    ],
)
def test_sizes_are_for_people(count: int, text: str) -> None:
    assert size(count) == text


def test_a_bar_says_how_much_and_how_fast() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    stream = io.StringIO()
    bar = Bar(stream, lambda: now[0])
    bar.begin("pushing", 100 * MIB)
    now[0] += timedelta(seconds=2)
    bar.advance(50 * MIB)
    last = stream.getvalue().rpartition("\r\x1b[K")[2]
    assert last == "pushing: [#######.......]  50% of 100.0 MiB  25.0 MiB/s"
    bar.end("done")
    assert stream.getvalue().endswith("\r\x1b[Kpushing: done\n")


def test_a_bar_is_drawn_ten_times_a_second_at_most() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    stream = io.StringIO()
    bar = Bar(stream, lambda: now[0])
    bar.begin("pushing", 1000)
    for _ in range(1000):
        now[0] += timedelta(milliseconds=1)
        bar.advance(1)
    assert stream.getvalue().count("\r") == 11


def test_a_bar_fits_on_every_terminal() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    stream = io.StringIO()
    bar = Bar(stream, lambda: now[0])
    bar.begin("reading Fedora-Cloud-Base-Generic-43-1.6.aarch64.qcow2", 1023 * MIB)
    now[0] += timedelta(milliseconds=102)
    bar.advance(1023 * MIB)
    assert all(len(one) < 80 for one in stream.getvalue().split("\r\x1b[K"))


def test_what_has_ended_is_not_drawn_again() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    stream = io.StringIO()
    bar = Bar(stream, lambda: now[0])
    bar.begin("pushing", 2)
    bar.end("done")
    now[0] += timedelta(seconds=1)
    bar.advance(1)
    assert stream.getvalue().endswith("pushing: done\n")


def test_a_length_that_nobody_knows_is_not_made_up() -> None:
    bar, lines = io.StringIO(), io.StringIO()
    Bar(bar, lambda: datetime(2026, 1, 1, tzinfo=UTC)).begin("the engine pushes", 0)
    Lines(lines).begin("the engine pushes", 0)
    assert bar.getvalue() == "\r\x1b[Kthe engine pushes ..."
    assert lines.getvalue() == "the engine pushes ...\n"


def told(progress: Progress) -> None:
    progress.begin("pushing", 2048)
    progress.advance(1024)
    progress.end("done")
    progress.say("note")


def test_elsewhere_there_are_lines_that_stay() -> None:
    stream = io.StringIO()
    told(Lines(stream))
    assert stream.getvalue() == "pushing: 2.0 KiB\npushing: done\nnote\n"


def test_silence_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    told(Silent())
    assert capsys.readouterr() == ("", "")
