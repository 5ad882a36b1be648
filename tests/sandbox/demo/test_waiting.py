"""Waiting ends with what was found, with a reason, or with a stop."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from github_app.sandbox.demo.waiting import Patience, last_words
from plugin.errors import Refusal

LIMIT = timedelta(seconds=3)


def patience(log: Path) -> Patience:
    """Its clock goes on by a second with every look at it."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ticks: Iterator[datetime] = (start + timedelta(seconds=passed) for passed in count())
    return Patience(lambda: next(ticks), threading.Event(), LIMIT, log)


def test_what_is_found_is_the_answer(tmp_path: Path) -> None:
    looks = iter([None, None, "found"])
    assert patience(tmp_path / "none").until("it", lambda: next(looks)) == "found"


def test_after_the_limit_the_reason_has_the_last_lines_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    line = {"time": "2026-11-21T10:16:47.123+00:00", "level": "warning", "message": "again later"}
    bug = {**line, "level": "error", "message": "a bug", "exception": "Traceback\nValueError: 3"}
    log.write_text("\n".join(["first", *["noise"] * 7, json.dumps(line), json.dumps(bug), "raw"]))
    with pytest.raises(Refusal) as refused:
        patience(log).until("dev merges", lambda: None)
    lines = str(refused.value).splitlines()
    assert lines[:2] == ["dev merges: this did not happen in 3 seconds", "The App's last words:"]
    assert "  first" not in lines
    assert lines[-3:] == [
        "  10:16:47.123 warning again later",
        "  10:16:47.123 error a bug: ValueError: 3",
        "  raw",
    ]


def test_without_a_log_there_are_no_last_words(tmp_path: Path) -> None:
    assert list(last_words(tmp_path / "none")) == []


def test_a_stop_ends_the_waiting(tmp_path: Path) -> None:
    waiting = patience(tmp_path / "none")
    waiting.stop.set()
    with pytest.raises(KeyboardInterrupt):
        waiting.until("never", lambda: None)
