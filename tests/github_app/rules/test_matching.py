"""A line that follows its upstream takes what is there now, verified and soaked, back as well."""

from __future__ import annotations

from dataclasses import replace

from github_app.actions import ClosePromotion
from github_app.notes import Asked, Note, Override, StageNotes, Way
from github_app.picture import LinePicture
from github_app.rules.availability import Pending
from github_app.rules.decision import Decision, Promote, UpToDate, Waiting
from plugin.freight import Freight
from plugin.pipeline import Project, Stage
from plugin.stage_policy import Select
from tests.github_app.shop import (
    A,
    B,
    C,
    adopted,
    after,
    at,
    decision,
    gate,
    image,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    shown,
    soak,
    stage,
    went,
)


def following(name: str, upstream: str, minutes: float = 0) -> Stage:
    made = stage(name, after(upstream, soak=soak(minutes)))
    return replace(made, lines=(replace(made.lines[0], select=Select.MATCH_UPSTREAM),))


PAIR = project(stage("dev"), following("prod", "dev"))
ALL = (A, B, C)


def prod(
    *lines: LinePicture, of: Project = PAIR, minute: float = 100, **notes: StageNotes
) -> Decision:
    return decision(shown(of, lines, ledger(*ALL, **notes), C), "prod", at(minute))


def promoted(answer: Decision) -> Freight | None:
    return answer.freight if isinstance(answer, Promote) else None


def reason(answer: Decision) -> str:
    match answer:
        case Waiting(Pending(reason)) | UpToDate(_, Pending(reason)):
            return reason
        case _:
            return ""


def test_it_takes_what_is_upstream_now() -> None:
    assert promoted(prod(line("dev", B), line("prod", A))) == B


def test_it_follows_a_rollback() -> None:
    back = went("dev", (A, 10), (B, 20), (A, 30))
    assert promoted(prod(back, line("prod", B))) == A


def test_what_the_upstream_no_longer_holds_is_no_candidate() -> None:
    newer = went("dev", (B, 10), (C, 90))
    of = project(stage("dev"), following("prod", "dev", 30))
    assert promoted(prod(newer, line("prod", A), of=of)) is None
    assert promoted(prod(newer, line("prod", A), of=of, minute=121)) == C


def test_it_is_up_to_date_where_both_hold_the_same() -> None:
    assert prod(line("dev", B), line("prod", B)) == UpToDate(B.id)


def test_approval_does_not_bring_what_is_not_upstream() -> None:
    approved = StageNotes(approved=(Note(C.id, at(50), "ann", "urgent"),))
    assert prod(line("dev", A), line("prod", A), prod=approved) == UpToDate(A.id)


def test_an_upstream_that_nobody_understands_is_waited_for() -> None:
    pins = adopted("dev", image("9.9.9"))
    assert promoted(prod(pins, line("prod", A))) is None


def test_through_a_gate_it_follows_the_stage_before() -> None:
    of = project(stage("dev"), gate("gate", after("dev")), following("prod", "gate"))
    assert promoted(prod(line("dev", B), line("prod", A), of=of)) == B


def test_what_was_rejected_stays_out_and_what_is_older_comes() -> None:
    refused = StageNotes(rejected=(Note(B.id, at(50), "ann", "broken"),))
    assert promoted(prod(line("dev", B), line("prod", C), prod=refused)) is None
    back = went("dev", (B, 10), (A, 30))
    assert promoted(prod(back, line("prod", C), prod=refused)) == A


def test_a_promotion_of_what_was_taken_back_upstream_is_closed() -> None:
    back = went("dev", (A, 10), (B, 20), (A, 30))
    open_one = proposed(line("prod", A), B)
    plan = line_plan(planned(shown(PAIR, [back, open_one], ledger(*ALL), C), at(100)), "prod")
    assert any(isinstance(one, ClosePromotion) for one in plan.actions)


def test_an_open_promotion_waits_while_the_upstream_goes_on() -> None:
    of = project(stage("dev"), following("prod", "dev", 30))
    lines = [went("dev", (B, 10), (C, 90)), proposed(line("prod", A), B)]
    plan = line_plan(planned(shown(of, lines, ledger(*ALL), C), at(100)), "prod")
    upstream = next(one for one in plan.gates if one.name == "upstream")
    assert upstream.text == f"dev holds {C.alias} now, and not {B.alias}"


def test_what_somebody_asks_for_needs_not_be_there_now() -> None:
    asked = Asked("web", B.id, at(95), "ann", "back to it", Way.PROMOTE)
    newer = went("dev", (B, 10), (C, 20))
    assert promoted(prod(newer, line("prod", A), prod=StageNotes(asked=(asked,)))) == B


def test_overriding_the_upstream_lets_it_pass() -> None:
    let = StageNotes(overridden=(Override("upstream", C.id, at(95), "ann", "urgent"),))
    of = project(stage("dev"), following("prod", "dev", 30))
    newer = went("dev", (B, 10), (C, 90))
    assert promoted(prod(newer, line("prod", A), of=of, prod=let)) == C
