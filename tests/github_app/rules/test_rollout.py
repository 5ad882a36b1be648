"""The stages of a matrix take freight in the order of the file, so many at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from github_app.actions import ClosePromotion, MergePromotion
from github_app.gates import Gate, GateState
from github_app.notes import LineNote, Note, Override, StageNotes
from github_app.picture import LinePicture, MissingPlace
from github_app.plan import LinePlan
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.availability import Pending, Rules
from github_app.rules.decision import UpToDate
from github_app.rules.rollout import rollout_gate
from plugin.freight import alias_of
from plugin.pipeline import Mode, Project, Stage
from plugin.stage_policy import Opening, Rollout
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    A,
    B,
    after,
    at,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    shown,
    stage,
)

ONE = Rollout(parallel=1)
NAMES = ("eu", "us", "ap")
ALIAS = alias_of(B.id)


def family(rollout: Rollout | None = ONE) -> Project:
    """Three stages of one matrix behind dev, verified by a smoke test."""
    verify = (CheckSucceeds("smoke"),)
    members = (
        replace(stage(one, after("dev")), verify=verify, family="${region}", rollout=rollout)
        for one in NAMES
    )
    return project(stage("dev"), *members)


def smoke(picture: LinePicture, state: ResultState) -> LinePicture:
    return replace(picture, results=(Result(ResultKind.CHECK, "smoke", state, at(50)),))


def held(name: str, state: ResultState = ResultState.PENDING) -> LinePicture:
    return smoke(line(name, B, since=at(40)), state)


def behind(name: str) -> LinePicture:
    return line(name, A)


def opened(name: str) -> LinePicture:
    return proposed(behind(name), B)


def gate(
    name: str, *lines: LinePicture, of: Project | None = None, **notes: StageNotes
) -> Gate | None:
    shop = of or family()
    every = [line("dev", B), *lines]
    rules = Rules.of(shown(shop, every, ledger(A, B, **notes), B), at(100))
    there = shop.stage(name)
    return rollout_gate(rules, there, there.lines[0], B.id)


def waits(found: Gate | None) -> bool:
    return found is not None and found.state is GateState.WAITING


VERIFIED = StageNotes(verified=(Note(B.id, at(60), "smoke", "succeeded"),))


def everywhere(*pictures: LinePicture) -> Iterable[LinePicture]:
    known = {one.stage: one for one in pictures}
    return (known.get(one, behind(one)) for one in NAMES)


def turns(*pictures: LinePicture, of: Project | None = None, **notes: StageNotes) -> list[str]:
    """The stages whose turn it is."""
    lines = list(everywhere(*pictures))
    found = ((one, gate(one, *lines, of=of, **notes)) for one in NAMES)
    return [one for one, is_open in found if is_open and is_open.state is GateState.PASSED]


def test_without_a_rollout_there_is_no_gate() -> None:
    assert gate("us", *everywhere(), of=family(None)) is None


def test_the_first_of_the_file_goes_first() -> None:
    assert turns() == ["eu"]


def test_as_many_as_asked_go_at_once() -> None:
    assert turns(of=family(Rollout(parallel=2))) == ["eu", "us"]
    assert turns(of=family(Rollout())) == list(NAMES)


def test_an_open_promotion_keeps_its_turn() -> None:
    assert turns(opened("us")) == ["us"]
    assert turns(opened("eu"), opened("us")) == ["eu"]


def test_what_is_merged_and_not_verified_keeps_others_waiting() -> None:
    found = gate("us", *everywhere(held("eu")))
    assert found == Gate(
        "rollout", GateState.WAITING, f"at most 1 at a time: {ALIAS} goes to eu first"
    )
    assert waits(gate("us", *everywhere(held("ap"), opened("us"))))


def test_what_is_verified_makes_room() -> None:
    assert turns(held("eu", ResultState.SUCCESS), eu=VERIFIED) == ["eu", "us"]
    found = gate("us", *everywhere(held("eu", ResultState.SUCCESS)), eu=VERIFIED)
    assert found == Gate("rollout", GateState.PASSED, f"{ALIAS} is verified in 1 of 3 stages")


def test_a_failure_stops_the_others() -> None:
    found = gate("us", *everywhere(held("eu", ResultState.FAILURE)))
    words = f"{ALIAS} failed in eu, which stops its rollout"
    assert found == Gate("rollout", GateState.FAILED, words)


def test_what_failed_and_was_taken_back_stops_the_others_still() -> None:
    failed = StageNotes(failed=(Note(B.id, at(60), "towline", "check smoke"),))
    found = gate("us", *everywhere(), eu=failed)
    assert found is not None
    assert found.state is GateState.FAILED


def test_verified_at_last_it_stops_nobody() -> None:
    note = Note(B.id, at(60), "towline", "check smoke")
    mended = StageNotes(failed=(note,), verified=(replace(note, at=at(70)),))
    assert "us" in turns(held("eu"), eu=mended)


def test_a_failure_may_be_told_to_stop_nobody() -> None:
    of = family(Rollout(parallel=1, stop=False))
    assert "us" in turns(held("eu", ResultState.FAILURE), of=of)


@pytest.mark.parametrize(
    "notes",
    [
        StageNotes(held=(LineNote("web", at(50), "ann", "wait"),)),
        StageNotes(rejected=(Note(B.id, at(50), "ann", "no"),)),
    ],
)
def test_who_may_not_take_it_keeps_nobody_waiting(notes: StageNotes) -> None:
    assert "us" in turns(eu=notes)


def test_a_stage_without_its_place_keeps_nobody_waiting() -> None:
    assert "us" in turns(replace(behind("eu"), base=MissingPlace("no branch")))


def test_what_nobody_asked_for_keeps_nobody_waiting() -> None:
    shop = family()
    manual = replace(shop.stage("eu"), opening=Opening.MANUAL)
    assert "us" in turns(of=with_stage(shop, "eu", manual))


def test_a_shadow_keeps_nobody_waiting() -> None:
    shop = family()
    assert "us" in turns(of=with_stage(shop, "eu", replace(shop.stage("eu"), mode=Mode.SHADOW)))


def with_stage(shop: Project, name: str, changed: Stage) -> Project:
    stages = tuple(changed if one.name == name else one for one in shop.stages)
    return replace(shop, stages=stages)


def test_a_stage_of_another_family_counts_for_nothing() -> None:
    shop = family()
    alone = replace(shop.stage("eu"), family="${zone}")
    assert "us" in turns(held("eu", ResultState.FAILURE), of=with_stage(shop, "eu", alone))


def test_somebody_may_let_it_pass() -> None:
    let = StageNotes(overridden=(Override("rollout", B.id, at(60), "ann", "urgent"),))
    found = gate("us", *everywhere(held("eu")), us=let)
    assert found is not None
    assert found.state is GateState.PASSED
    assert found.text.startswith("overridden by ann at ")
    assert found.text.endswith(": urgent")


def plan_of(name: str, *pictures: LinePicture) -> LinePlan:
    lines = [line("dev", B), *everywhere(*pictures)]
    return line_plan(planned(shown(family(), lines, ledger(A, B), B), at(100)), name)


def test_a_stage_whose_turn_it_is_not_opens_nothing() -> None:
    opens = [name for name in NAMES if plan_of(name).actions]
    assert opens == ["eu"]
    match plan_of("us").decision:
        case UpToDate(held, Pending(reason)):
            assert held == A.id
            assert reason == f"at most 1 at a time: {ALIAS} goes to eu first"
        case other:
            pytest.fail(f"{other}")


def test_what_is_open_already_shows_whose_turn_it_is() -> None:
    made = plan_of("us", held("eu"), opened("us"))
    turn = next(one for one in made.gates if one.name == "rollout")
    assert waits(turn)
    assert not any(isinstance(one, ClosePromotion | MergePromotion) for one in made.actions)


def test_a_promotion_that_somebody_rejected_is_closed_and_keeps_nobody_waiting() -> None:
    rejected = StageNotes(rejected=(Note(B.id, at(90), "ann", "too slow"),))
    assert "us" not in turns(opened("eu"))
    assert "us" in turns(opened("eu"), eu=rejected)


def test_what_was_verified_here_before_counts_while_it_comes_again() -> None:
    before, after = (
        gate("eu", *everywhere(one), eu=VERIFIED) for one in (behind("eu"), opened("eu"))
    )
    assert before is not None
    assert before == after


def test_what_somebody_asked_for_waits_as_it_will_once_it_is_open() -> None:
    """Or else it is opened waiting, and goes on in the next round as if its turn had come."""
    shop = family()
    there = shop.stage("us")
    found = []
    for mine in (behind("us"), opened("us")):
        every = [line("dev", B), *everywhere(mine)]
        rules = Rules.of(shown(shop, every, ledger(A, B), B), at(100))
        found.append(rollout_gate(rules, there, there.lines[0], B.id, asked=True))
    assert found[0] is not None
    assert found[0] == found[1]
