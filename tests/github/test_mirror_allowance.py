"""A repository that costs too much is left alone, longer each time; others are not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from github_app.github.mirror.allowance import Allowances
from github_app.github.mirror.bounds import TooLong, TooMuch
from plugin.errors import Refusal, Temporary
from tests.clocks import Seconds


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def allowances(clock: Seconds) -> Allowances:
    return Allowances("https://host/acme/shop", clock)


def spend(
    allowances: Allowances, clock: Seconds, seconds: float, error: Exception | None = None
) -> None:
    with allowances.spending("main"):
        clock.now += seconds
        if error is not None:
            raise error


def test_who_goes_over_a_bound_rests_longer_each_time(
    allowances: Allowances, clock: Seconds
) -> None:
    rests = []
    for _ in range(9):
        with pytest.raises(TooLong) as late:
            spend(allowances, clock, 120, TooLong("git fetch took longer than 120 s"))
        with pytest.raises(Temporary, match=r"asked again in .* min, .*longer than 120 s") as rest:
            spend(allowances, clock, 1)
        assert rest.value.after == late.value.after
        rests.append(rest.value.after / timedelta(minutes=1))
        clock.now += rest.value.after.total_seconds()
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_is_too_large_rests_too(allowances: Allowances, clock: Seconds) -> None:
    with pytest.raises(TooMuch):
        spend(allowances, clock, 1, TooMuch("it has more than 2,048 MiB"))
    with pytest.raises(Temporary, match="more than 2,048 MiB"):
        spend(allowances, clock, 1)


def test_an_hour_of_good_behaviour_is_a_new_start(allowances: Allowances, clock: Seconds) -> None:
    rests = []
    for good_behaviour in (0, 0, 3600, 0):
        clock.now += good_behaviour
        with pytest.raises(TooLong) as late:
            spend(allowances, clock, 1, TooLong("late"))
        clock.now += late.value.after.total_seconds()
        rests.append(late.value.after / timedelta(minutes=1))
    assert rests == [1, 2, 1, 2]


def test_who_always_takes_long_rests_although_it_succeeds(
    allowances: Allowances, clock: Seconds
) -> None:
    spend(allowances, clock, 110)
    spend(allowances, clock, 110)
    with pytest.raises(Temporary, match="more than 180 s of work at once"):
        spend(allowances, clock, 1)


def test_who_takes_its_share_of_the_time_is_never_left_alone(
    allowances: Allowances, clock: Seconds
) -> None:
    for _ in range(100):
        spend(allowances, clock, 10)
        clock.now += 300


def test_other_errors_are_not_held_against_anybody(allowances: Allowances, clock: Seconds) -> None:
    for error in (Refusal("no such branch"), Temporary("busy")):
        for _ in range(3):
            with pytest.raises(type(error), match=str(error)):
                spend(allowances, clock, 1, error)


def test_one_question_does_not_spend_another_s(allowances: Allowances, clock: Seconds) -> None:
    with pytest.raises(TooMuch):
        spend(allowances, clock, 1, TooMuch("too much"))
    with allowances.spending("other"):
        clock.now += 1
    for number in range(3000):
        with allowances.spending(number):
            clock.now += 3
    with pytest.raises(TooMuch):
        spend(allowances, clock, 1, TooMuch("too much"))
