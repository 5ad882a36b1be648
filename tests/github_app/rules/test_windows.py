"""Windows: what they let through and when that changes, by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from github_app.rules.windows import Opened, Shut, state_of
from plugin.stage_policy import Window, WindowKind

BERLIN = "Europe/Berlin"


def allow(rule: str, hours: float, zone: str = BERLIN, start: datetime | None = None) -> Window:
    return Window(WindowKind.ALLOW, rule, timedelta(hours=hours), zone, start)


def deny(rule: str, hours: float, zone: str = BERLIN, start: datetime | None = None) -> Window:
    return Window(WindowKind.DENY, rule, timedelta(hours=hours), zone, start)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = allow("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9", 8)
WEEKEND = deny("FREQ=WEEKLY;BYDAY=SA", 48)


@pytest.mark.parametrize(
    ("windows", "now", "state"),
    [
        # 2026-11-20 is a Friday; Berlin is an hour ahead of UTC.
        ((), "2026-11-20T12:00", Opened()),
        ((OFFICE,), "2026-11-20T12:00", Opened(utc("2026-11-20T16:00"))),
        ((OFFICE,), "2026-11-20T08:00", Opened(utc("2026-11-20T16:00"))),
        ((OFFICE,), "2026-11-20T07:59", Shut(OFFICE, utc("2026-11-20T08:00"))),
        ((OFFICE,), "2026-11-20T16:00", Shut(OFFICE, utc("2026-11-23T08:00"))),
        ((WEEKEND,), "2026-11-20T12:00", Opened(utc("2026-11-20T23:00"))),
        ((WEEKEND,), "2026-11-21T12:00", Shut(WEEKEND, utc("2026-11-22T23:00"))),
        # What is denied wins, and the next moment is one that is allowed as well.
        ((WEEKEND, OFFICE), "2026-11-21T12:00", Shut(WEEKEND, utc("2026-11-23T08:00"))),
    ],
)
def test_what_windows_let_through_and_until_when(
    windows: tuple[Window, ...], now: str, state: Opened | Shut
) -> None:
    assert state_of(windows, utc(now)) == state


def test_deny_wins_over_allow_at_the_same_time() -> None:
    lunch = deny("FREQ=DAILY;BYHOUR=12", 1)
    state = state_of((OFFICE, lunch), utc("2026-11-20T11:30"))
    assert state == Shut(lunch, utc("2026-11-20T12:00"))
    assert state_of((OFFICE, lunch), utc("2026-11-20T10:00")) == Opened(utc("2026-11-20T11:00"))


def test_of_several_that_allow_one_is_enough() -> None:
    early = allow("FREQ=DAILY;BYHOUR=6", 4)
    assert state_of((OFFICE, early), utc("2026-11-20T08:30")) == Opened(utc("2026-11-20T16:00"))


def test_overlapping_times_of_one_window_are_one() -> None:
    always = allow("FREQ=HOURLY", 2)
    assert state_of((always,), utc("2026-11-20T08:30")) == Opened()


# Berlin goes to summer time on 2026-03-29 at 01:00 UTC and back on 2026-10-25 at 01:00 UTC.
@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-27T18:00", "2026-03-28T08:00"),
        ("2026-03-28T18:00", "2026-03-29T07:00"),
        ("2026-10-24T18:00", "2026-10-25T08:00"),
    ],
)
def test_a_window_opens_at_the_same_hour_of_the_wall_all_year(now: str, opens: str) -> None:
    daily = allow("FREQ=DAILY;BYHOUR=9", 8)
    assert state_of((daily,), utc(now)) == Shut(daily, utc(opens))


@pytest.mark.parametrize(
    ("now", "closes"),
    [("2026-03-28T22:00", "2026-03-29T04:00"), ("2026-10-24T22:00", "2026-10-25T05:00")],
)
def test_a_night_ends_at_the_same_hour_when_the_clock_is_changed(now: str, closes: str) -> None:
    night = allow("FREQ=DAILY;BYHOUR=22", 8)
    assert state_of((night,), utc(now)) == Opened(utc(closes))


def test_an_hour_that_does_not_exist_is_that_much_later() -> None:
    early = allow("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", 0.25)
    state = state_of((early,), utc("2026-03-29T00:00"))
    assert state == Shut(early, utc("2026-03-29T01:30"))
    assert state_of((early,), utc("2026-03-29T01:30")) == Opened(utc("2026-03-29T01:45"))


def test_an_hour_that_comes_twice_is_the_first() -> None:
    early = allow("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", 0.25)
    state = state_of((early,), utc("2026-10-25T00:00"))
    assert state == Shut(early, utc("2026-10-25T00:30"))
    assert isinstance(state_of((early,), utc("2026-10-25T01:35")), Shut)


@pytest.mark.parametrize("years", [0, 1, 30])
def test_every_second_week_counts_from_its_first_however_long_ago(years: int) -> None:
    first = datetime(2026, 11, 2, 9) - timedelta(weeks=52 * years)  # noqa: DTZ001 local time
    sprint = allow("FREQ=WEEKLY;INTERVAL=2", 24, start=first)
    state = state_of((sprint,), utc("2026-11-03T12:00"))
    assert state == Shut(sprint, utc("2026-11-16T08:00"))


def test_a_window_that_counts_is_over_one_day() -> None:
    launch = datetime(2026, 11, 20, 9)  # noqa: DTZ001 local time
    freeze = deny("FREQ=DAILY;COUNT=2", 24, start=launch)
    assert state_of((freeze,), utc("2026-11-21T12:00")) == Shut(freeze, utc("2026-11-22T08:00"))
    assert state_of((freeze,), utc("2026-11-22T12:00")) == Opened()


@pytest.mark.parametrize("until", ["20261121", "20261121T090000", "20261121T080000Z"])
def test_a_window_ends_for_good_with_until(until: str) -> None:
    rule = allow(f"FREQ=DAILY;BYHOUR=9;UNTIL={until}", 8)
    assert state_of((rule,), utc("2026-11-20T20:00")) == Shut(rule, utc("2026-11-21T08:00"))
    over = state_of((rule,), utc("2026-11-22T20:00"))
    assert over == Shut(rule)
    assert str(over) == f"closed by allow FREQ=DAILY;BYHOUR=9;UNTIL={until}; it opens no more"


def test_one_that_begins_in_a_distant_future_does_not_hold_yet() -> None:
    far = deny("FREQ=DAILY", 1, start=datetime(9000, 1, 1))  # noqa: DTZ001 local time
    state = state_of((far,), utc("2026-11-20T12:00"))
    assert isinstance(state, Opened)
    assert state.until is not None
    assert state.until.year == 8999


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=HOURLY;BYHOUR=5;BYYEARDAY=366;BYMONTH=1",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    ],
)
def test_a_rule_that_never_comes_true_is_found_out(rule: str) -> None:
    assert state_of((allow(rule, 8),), utc("2026-11-20T12:00")) == Shut(allow(rule, 8))


def test_hours_in_steps_that_never_meet_the_hour_asked_for_never_come() -> None:
    midnight = datetime(2026, 1, 1)  # noqa: DTZ001 of a clock on the wall
    window = allow("FREQ=HOURLY;INTERVAL=2;BYHOUR=1", 1, start=midnight)
    assert state_of((window,), utc("2026-11-20T12:00")) == Shut(window)


def test_the_last_friday_of_the_month_and_leap_days() -> None:
    last = deny("FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=0", 24, zone="UTC")
    assert state_of((last,), utc("2026-11-20T12:00")) == Opened(utc("2026-11-27T00:00"))
    leap = deny("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 24, zone="UTC")
    assert state_of((leap,), utc("2026-11-20T12:00")) == Opened(utc("2028-02-29T00:00"))


def test_people_read_the_moment_in_the_zone_they_wrote() -> None:
    state = state_of((OFFICE,), utc("2026-11-20T18:00"))
    assert str(state) == (
        "closed until Mon 2026-11-23 09:00 Europe/Berlin "
        "by allow FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9"
    )
