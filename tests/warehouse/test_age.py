"""A version is taken once it is old enough, by what Towline saw, not by what it says itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from github_app.warehouse.age import OldEnough, known_since
from tests.warehouse.offers import NOON, image

DAY = timedelta(days=1)


def test_what_was_there_at_the_first_look_counts_by_its_build_time() -> None:
    assert known_since(NOON, NOON - 9 * DAY, since=NOON) == NOON - 9 * DAY


def test_what_appears_later_counts_from_when_it_was_seen() -> None:
    lied = NOON - 900 * DAY
    assert known_since(NOON, lied, since=NOON - DAY) == NOON


@pytest.mark.parametrize("created", [None, NOON + DAY])
def test_without_a_build_time_or_with_one_to_come_the_sight_counts(
    created: datetime | None,
) -> None:
    assert known_since(NOON, created, since=NOON) == NOON


def old_enough(days: int) -> OldEnough:
    """For a subscription that was looked at for the first time long ago."""
    seen = {"1.2": NOON - DAY / 2, "1.1": NOON - 3 * DAY, "1.0": NOON - 90 * DAY}
    return OldEnough(
        days * DAY, NOON - 99 * DAY, NOON, lambda one: seen.get(one.artifact.tag, NOON)
    )


def test_a_young_version_is_passed_over_for_the_next_best_and_says_until_when_it_waits() -> None:
    ages = old_enough(3)
    offered = [image("web", tag) for tag in ("1.3", "1.2", "1.1", "1.0")]
    assert next(ages.among(offered)).artifact.tag == "1.1"
    assert [(one.candidate.artifact.tag, one.ready_at) for one in ages.waiting] == [
        ("1.3", NOON + 3 * DAY),
        ("1.2", NOON + 2.5 * DAY),
    ]


def test_no_more_is_asked_for_than_is_needed() -> None:
    left = iter([image("web", "1.1"), image("web", "1.0")])
    assert next(old_enough(3).among(left)).artifact.tag == "1.1"
    assert [one.artifact.tag for one in left] == ["1.0"]


def test_without_a_minimum_age_nothing_waits() -> None:
    ages = old_enough(0)
    assert next(ages.among([image("web", "9.9")])).artifact.tag == "9.9"
    assert not ages.waiting
