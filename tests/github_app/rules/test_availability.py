"""Which freight may enter a stage: Kargo's table, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from github_app.notes import Note, StageNotes
from github_app.picture import LinePicture
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.availability import Passed, Pending, Rules, Standing
from plugin.freight import Freight, FreightId
from plugin.pipeline import Availability, Direct, Stage
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    PIPELINE,
    A,
    B,
    adopted,
    after,
    at,
    freight,
    gate,
    image,
    ledger,
    line,
    project,
    shown,
    soak,
    stage,
    went,
)

SMOKE = (CheckSucceeds("smoke"),)
LATER = at(100)


def standing(
    stages: tuple[Stage, ...],
    lines: tuple[LinePicture, ...],
    of: str,
    asked: Freight = A,
    now: datetime = LATER,
    **notes: StageNotes,
) -> Standing:
    """How freight stands before a stage."""
    picture = shown(project(*stages), lines, ledger(A, B, **notes))
    found = picture.project.stage(of)
    return Rules.of(picture, now).availability(found, found.lines[0], asked.id)


def verified(one: Freight = A, minute: float = 1) -> StageNotes:
    return StageNotes(verified=(Note(one.id, at(minute), "check smoke", "succeeded"),))


def approved(one: FreightId) -> StageNotes:
    return StageNotes(approved=(Note(one, at(1), "frank", "urgent"),))


def test_a_direct_stage_takes_all_freight_of_its_warehouse() -> None:
    lines = (line("dev"), line("staging"), line("prod"))
    for one in (A, B):
        assert standing(PIPELINE, lines, "dev", one) == Passed("straight from warehouse web")


def test_freight_must_have_reached_the_upstream() -> None:
    lines = (line("dev", B), line("staging"), line("prod"))
    answer = standing(PIPELINE, lines, "staging", A)
    assert answer == Pending(f"{A.alias} has not reached dev")
    assert isinstance(standing(PIPELINE, lines, "staging", B), Passed)
    assert isinstance(standing(PIPELINE, lines, "prod", B), Pending)


def test_freight_that_left_the_upstream_stays_verified() -> None:
    lines = (went("dev", (A, 0), (B, 10)), line("staging"), line("prod"))
    assert standing(PIPELINE, lines, "staging", A) == Passed(
        "merged into dev at 2026-01-01T00:00:00Z"
    )


@pytest.mark.parametrize(
    ("soaks", "checked", "dev", "words"),
    [
        (0, True, line("dev", A), "verified in dev at 2026-01-01T00:01:00Z"),
        (30, True, line("dev", A), "verified in dev at 2026-01-01T00:01:00Z and soaked 30m"),
        (0, False, line("dev", A), "merged into dev at 2026-01-01T00:00:00Z"),
        (30, False, line("dev", A), "in dev since 2026-01-01T00:00:00Z, soaked 30m"),
        (
            30,
            False,
            went("dev", (A, 0), (B, 10), (A, 20), (B, 50)),
            "in dev from 2026-01-01T00:20:00Z to 2026-01-01T00:50:00Z, soaked 30m",
        ),
    ],
)
def test_only_what_was_proved_is_called_verified(
    soaks: float, checked: bool, dev: LinePicture, words: str
) -> None:
    stages = (
        replace(stage("dev"), verify=SMOKE if checked else ()),
        stage("prod", after("dev", soak=soak(soaks))),
    )
    notes = verified() if checked else StageNotes()
    for now in (LATER, at(1000)):
        assert standing(stages, (dev, line("prod")), "prod", now=now, dev=notes) == Passed(words)


def test_adopted_freight_was_found_rather_than_merged() -> None:
    stages = (stage("dev"), stage("prod", after("dev")))
    lines = (adopted("dev", image("1.0.0")), line("prod"))
    found = StageNotes(adopted=(Note(A.id, at(7), "towline", "found in the pins"),))
    words = "found in dev at 2026-01-01T00:07:00Z"
    assert standing(stages, lines, "prod", dev=found) == Passed(words)


@pytest.mark.parametrize(
    ("availability", "in_test", "passes"),
    [
        (Availability.ONE, A, True),
        (Availability.ONE, None, True),
        (Availability.ALL, A, True),
        (Availability.ALL, None, False),
        (Availability.ALL, B, False),
    ],
)
def test_one_or_all_of_several_upstreams(
    availability: Availability, in_test: Freight | None, passes: bool
) -> None:
    stages = (
        stage("dev"),
        stage("test"),
        stage("prod", after("dev", "test", availability=availability)),
    )
    lines = (line("dev", A), line("test", in_test), line("prod"))
    assert isinstance(standing(stages, lines, "prod"), Passed) is passes


def test_soak_passes_at_the_very_moment() -> None:
    stages = (stage("dev"), stage("prod", after("dev", soak=soak(30))))
    lines = (line("dev", A, since=at(10)), line("prod"))
    waits = standing(stages, lines, "prod", now=at(39.99))
    assert isinstance(waits, Pending)
    assert waits.until == at(40)
    assert "2026-01-01T00:40:00Z" in waits.reason
    assert isinstance(standing(stages, lines, "prod", now=at(40)), Passed)


def test_soak_does_not_count_before_verification_but_from_entry() -> None:
    stages = (
        replace(stage("dev"), verify=SMOKE),
        stage("prod", after("dev", soak=soak(30))),
    )
    lines = (line("dev", A, since=at(0)), line("prod"))
    waits = standing(stages, lines, "prod", now=at(90))
    assert waits == Pending(f"{A.alias} waits for check smoke in dev")
    late = standing(stages, lines, "prod", now=at(90), dev=verified(minute=89))
    assert isinstance(late, Passed)


def test_a_failed_check_is_named() -> None:
    stages = (replace(stage("dev"), verify=SMOKE), stage("prod", after("dev")))
    failed = (Result(ResultKind.CHECK, "smoke", ResultState.FAILURE),)
    lines = (replace(line("dev", A), results=failed), line("prod"))
    answer = standing(stages, lines, "prod")
    assert answer == Pending(f"check smoke failed on {A.alias} in dev")


def test_freight_that_left_too_early_never_soaks() -> None:
    stages = (stage("dev"), stage("prod", after("dev", soak=soak(30))))
    lines = (went("dev", (A, 0), (B, 29)), line("prod"))
    answer = standing(stages, lines, "prod", A)
    assert isinstance(answer, Pending)
    assert answer.until is None
    assert "left dev before it had soaked" in answer.reason


def test_the_longest_continuous_stay_counts() -> None:
    stages = (stage("dev"), stage("prod", after("dev", soak=soak(30))))
    long_ago = (went("dev", (A, 0), (B, 31), (A, 40)), line("prod"))
    assert isinstance(standing(stages, long_ago, "prod", A, at(45)), Passed)
    in_parts = (went("dev", (A, 0), (B, 20), (A, 40)), line("prod"))
    waits = standing(stages, in_parts, "prod", A, at(59))
    assert isinstance(waits, Pending)
    assert waits.until == at(70)


@pytest.mark.parametrize("asked", [A, B])
def test_approval_passes_verification_and_soak(asked: Freight) -> None:
    stages = (replace(stage("dev"), verify=SMOKE), stage("prod", after("dev", soak=soak(30))))
    lines = (line("dev"), line("prod"))
    answer = standing(stages, lines, "prod", asked, prod=approved(A.id))
    assert isinstance(answer, Passed) is (asked is A)


def test_approval_for_one_stage_opens_no_other() -> None:
    lines = (line("dev"), line("staging"), line("prod"))
    assert isinstance(
        standing(PIPELINE, lines, "prod", staging=approved(A.id)),
        Pending,
    )


def test_a_control_flow_stage_passes_conditions_and_soak_on() -> None:
    stages = (
        stage("dev"),
        gate("hub", after("dev", soak=soak(10))),
        stage("prod", after("hub", soak=soak(30))),
    )
    lines = (line("dev", A, since=at(0)), line("prod"))
    waits = standing(stages, lines, "prod", now=at(15))
    assert isinstance(waits, Pending)
    assert waits.until == at(30)
    assert isinstance(standing(stages, lines, "prod", now=at(30)), Passed)


def test_approval_on_a_control_flow_stage_lets_nothing_through() -> None:
    stages = (stage("dev"), gate("hub", after("dev")), stage("prod", after("hub")))
    lines = (line("dev"), line("prod"))
    assert isinstance(standing(stages, lines, "prod", hub=approved(A.id)), Pending)


def test_a_control_flow_stage_may_stand_at_the_beginning() -> None:
    stages = (gate("hub", Direct()), stage("prod", after("hub", soak=soak(30))))
    assert isinstance(standing(stages, (line("prod"),), "prod"), Passed)


def test_with_all_the_last_soak_decides_with_one_the_first() -> None:
    for availability, minute in ((Availability.ONE, 30), (Availability.ALL, 40)):
        stages = (
            stage("dev"),
            stage("test"),
            stage("prod", after("dev", "test", soak=soak(30), availability=availability)),
        )
        lines = (line("dev", A, since=at(0)), line("test", A, since=at(10)), line("prod"))
        waits = standing(stages, lines, "prod", now=at(20))
        assert isinstance(waits, Pending)
        assert waits.until == at(minute)


def test_no_time_is_promised_where_something_else_is_missing() -> None:
    upstreams = after("dev", "test", soak=soak(30), availability=Availability.ALL)
    stages = (stage("dev"), stage("test"), stage("prod", upstreams))
    lines = (line("dev", A, since=at(0)), line("test"), line("prod"))
    waits = standing(stages, lines, "prod", now=at(20))
    assert isinstance(waits, Pending)
    assert waits.until is None
    assert "has not reached test" in waits.reason


def test_verification_is_not_taken_back() -> None:
    stages = (replace(stage("dev"), verify=SMOKE), stage("prod", after("dev")))
    failed = (Result(ResultKind.CHECK, "smoke", ResultState.FAILURE),)
    lines = (replace(line("dev", A), results=failed), line("prod"))
    assert isinstance(standing(stages, lines, "prod", dev=verified()), Passed)


def test_adopted_freight_soaks_from_its_adoption_and_keeps_that_when_it_leaves() -> None:
    stages = (stage("dev"), stage("prod", after("dev", soak=soak(30))))
    found = StageNotes(adopted=(Note(A.id, at(0), "towline", "found"),))
    left = (line("dev", B, since=at(45)), line("prod"))
    assert isinstance(standing(stages, left, "prod", A, at(50), dev=found), Passed)
    early = (line("dev", B, since=at(20)), line("prod"))
    assert isinstance(standing(stages, early, "prod", A, at(50), dev=found), Pending)


def test_freight_nobody_knows_passes_nothing() -> None:
    lines = (line("dev", A), line("staging"), line("prod"))
    assert isinstance(standing(PIPELINE, lines, "staging", freight("9.9.9")), Pending)
