"""Each second until the pull request is open belongs to exactly one step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bench.push_to_pull import _Step, _Stopwatch, _timed

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_shares_add_up_to_the_whole() -> None:
    watch = _Stopwatch(lambda: START)
    watch.steps.extend(
        [
            _Step("fetch", at(1), at(2), False),
            _Step("read Git", at(2), at(2.5), False),
            _Step("read Git", at(3), at(3.5), False),
            _Step("write", at(4), at(6), True),
            _Step("write", at(7), at(9), False),
        ]
    )
    assert watch.opened() == at(6)
    shares = watch.shares(START, watch.opened())
    assert shares == {
        "accept and hand over": 1,
        "fetch": 1,
        "read Git": 1,
        "write": 2,
        "decide and compose": 1,
    }
    assert sum(shares.values()) == 6


class Port:
    size = 3

    def look(self, what: str) -> str:
        return f"looked at {what}"

    def other(self) -> str:
        return "not timed"


def test_a_timed_port_answers_as_before() -> None:
    ticks = count()
    watch = _Stopwatch(lambda: at(next(ticks)))
    port = _timed(Port(), {"look": "look"}, watch)
    assert (port.look("createPullRequest"), port.other(), port.size) == (
        "looked at createPullRequest",
        "not timed",
        3,
    )
    assert watch.steps == [_Step("look", at(0), at(1), True)]


def test_without_a_pull_request_there_is_nothing_to_measure() -> None:
    with pytest.raises(ValueError, match="no document opened"):
        _Stopwatch(lambda: START).opened()
