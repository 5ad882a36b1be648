"""What the reader takes for a recurrence rule, the library that carries it out takes as well."""

from __future__ import annotations

from datetime import datetime

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from plugin.pipeline_file.recurrence import DAYS, problem_of

START = datetime(2026, 1, 1)  # noqa: DTZ001 rules are of local time
NUMBERS = {
    "INTERVAL": (0, 20),
    "COUNT": (0, 20),
    "BYSECOND": (0, 60),
    "BYMINUTE": (0, 60),
    "BYHOUR": (0, 24),
    "BYMONTHDAY": (-32, 32),
    "BYYEARDAY": (-367, 367),
    "BYWEEKNO": (-54, 54),
    "BYMONTH": (0, 13),
    "BYSETPOS": (-367, 367),
}


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    return st.lists(st.integers(low, high), min_size=1, max_size=3).map(
        lambda found: ",".join(map(str, found))
    )


def day() -> st.SearchStrategy[str]:
    places = st.sampled_from(("", "", "1", "-1", "+2", "53", "0", "54"))
    return st.tuples(places, st.sampled_from((*DAYS, "XX"))).map("".join)


PARTS = {
    "UNTIL": st.sampled_from(("20261231", "20261231T120000", "20260230", "2026")),
    "BYDAY": st.lists(day(), min_size=1, max_size=3).map(",".join),
    "WKST": st.sampled_from((*DAYS, "MONDAY")),
    **{name: numbers(*bounds) for name, bounds in NUMBERS.items()},
}
FREQUENCIES = st.sampled_from(("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "SECONDLY"))


@st.composite
def rules(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(sorted(PARTS)), max_size=3, unique=True))
    parts = [f"{name}={draw(PARTS[name])}" for name in names]
    return ";".join([f"FREQ={draw(FREQUENCIES)}", *parts])


@given(rules())
def test_what_is_accepted_can_be_carried_out(rule: str) -> None:
    if problem_of(rule, anchored=True) is None:
        try:
            rrulestr(rule, dtstart=START)
        except ValueError as error:
            # Steps of hours may never meet those of BYHOUR: that depends on where they begin.
            if "generates an empty set" not in str(error):
                raise


@given(st.text(alphabet="FREQ=DAILY;BYHOU,-+0129 \n", max_size=40), st.booleans())
def test_whatever_is_written_is_answered(rule: str, anchored: bool) -> None:
    problem = problem_of(rule, anchored=anchored)
    assert problem is None or problem


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=9;WKST=SU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=22",
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
        "BYHOUR=9;FREQ=DAILY;UNTIL=20261231T180000Z",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    ],
)
def test_rules_that_people_write(rule: str) -> None:
    assert problem_of(rule, anchored=False) is None


@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY", "FREQ=MONTHLY;BYMONTH=3", "FREQ=DAILY;COUNT=1", "FREQ=DAILY;INTERVAL=2"]
)
def test_what_counts_from_somewhere_must_say_from_where(rule: str) -> None:
    assert problem_of(rule, anchored=False) is not None
    assert problem_of(rule, anchored=True) is None
