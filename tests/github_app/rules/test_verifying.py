"""What a stage's notes say once its verification came to something, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from github_app.ledger import Ledger
from github_app.notes import Asked, LineNote, Note, StageNotes, Way
from github_app.picture import LinePicture, Stay
from github_app.pulls import PullState
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.verifying import Verifying, proof_of, timeouts
from plugin.pipeline import Stage
from plugin.verification import CheckSucceeds
from tests.github_app.shop import A, B, C, at, ledger, line, project, pull, shown, stage

SMOKE = CheckSucceeds("smoke", timeout=timedelta(minutes=30))
DEV = replace(stage("dev"), verify=(SMOKE,), rollback=True)
BOOK = ledger(A, B, C)
A_WAS_FINE = StageNotes(verified=(Note(A.id, at(5), "check smoke", "succeeded on a"),))
BACK_TO_A = Asked("web", A.id, at(60), "ann", "it broke", Way.ROLLBACK)


def said(state: ResultState, minute: float) -> Result:
    return Result(ResultKind.CHECK, "smoke", state, at(minute))


def promoted(*results: Result) -> LinePicture:
    """B was merged at minute 50, after A."""
    stays = (Stay(A.id, at(0), "a" * 40, at(50)), Stay(B.id, at(50), "b" * 40))
    last = replace(pull("dev"), state=PullState.MERGED, merge_commit="b" * 40)
    seen = replace(line("dev", B, previous=A), stays=stays, results=results)
    return replace(seen, last=last, brought=last)


def after(
    notes: StageNotes, seen: LinePicture, minute: float, of: Stage = DEV, book: Ledger = BOOK
) -> StageNotes:
    """The notes after a round, having made sure that a second round adds nothing."""
    made = Verifying(book, of, seen, at(minute)).added_to(notes)
    assert Verifying(book, of, seen, at(minute + 0.1)).added_to(made) == made
    return made


def test_a_success_is_noted_once() -> None:
    notes = after(A_WAS_FINE, promoted(said(ResultState.SUCCESS, 55)), 56)
    assert proof_of(notes, B.id) == Note(B.id, at(56), "check smoke", f"succeeded on {'b' * 40}")


def test_a_failure_takes_an_auto_merged_stage_back_and_holds_it() -> None:
    notes = after(A_WAS_FINE, promoted(said(ResultState.FAILURE, 55)), 56)
    assert notes.failed == (Note(B.id, at(56), "towline", "check smoke"),)
    why = f"check smoke failed on {B.alias}"
    assert notes.asked == (Asked("web", A.id, at(56), "towline", why, Way.ROLLBACK),)
    held = LineNote("web", at(56), "towline", f"{why} in dev, which is taken back")
    assert notes.held == (held,)


def test_what_is_not_said_in_time_has_failed() -> None:
    assert after(A_WAS_FINE, promoted(), 79) == A_WAS_FINE
    notes = after(A_WAS_FINE, promoted(said(ResultState.PENDING, 55)), 80)
    assert [one.why for one in notes.failed] == ["check smoke (not in time)"]
    assert [one.freight for one in notes.asked] == [A.id]


def test_somebody_looks_when_the_time_is_up() -> None:
    of = project(DEV)
    waiting = shown(of, [promoted()], ledger(A, B, dev=A_WAS_FINE), B)
    assert list(timeouts(waiting, waiting.ledger, at(60))) == [at(80)]
    assert list(timeouts(waiting, waiting.ledger, at(81))) == []


def test_a_later_success_of_the_same_check_counts() -> None:
    failed = after(A_WAS_FINE, promoted(), 80)
    notes = after(failed, promoted(said(ResultState.SUCCESS, 90)), 91)
    assert proof_of(notes, B.id) is not None


def test_once_more_means_that_nothing_said_before_counts() -> None:
    proved = after(A_WAS_FINE, promoted(said(ResultState.SUCCESS, 55)), 56)
    again = replace(proved, again=(Note(B.id, at(70), "ann", "the test lied"),))
    assert proof_of(again, B.id) is None
    assert after(again, promoted(said(ResultState.SUCCESS, 55)), 71) == again
    mended = after(again, promoted(said(ResultState.SUCCESS, 75)), 76)
    assert proof_of(mended, B.id) is not None
    broken = after(again, promoted(said(ResultState.FAILURE, 75)), 76)
    assert [one.freight for one in broken.failed] == [B.id]


def test_the_time_to_verify_once_more_begins_anew() -> None:
    again = replace(A_WAS_FINE, again=(Note(B.id, at(70), "ann", ""),))
    assert after(again, promoted(), 99) == again
    assert [one.at for one in after(again, promoted(), 100).failed] == [at(100)]


def reverted(seen: LinePicture) -> LinePicture:
    return replace(seen, brought=None)


def opened(seen: LinePicture) -> LinePicture:
    return replace(seen, open=pull("dev", number=2))


@pytest.mark.parametrize(
    ("notes", "seen", "of"),
    [
        pytest.param(A_WAS_FINE, promoted(), replace(DEV, rollback=False), id="not asked for"),
        pytest.param(StageNotes(), promoted(), DEV, id="nothing verified to go back to"),
        pytest.param(A_WAS_FINE, opened(promoted()), DEV, id="newer freight is under way"),
        pytest.param(A_WAS_FINE, reverted(promoted()), DEV, id="a person changed it"),
        pytest.param(
            replace(A_WAS_FINE, held=(LineNote("web", at(10), "ann", "wait"),)),
            promoted(),
            DEV,
            id="a person holds it",
        ),
        pytest.param(
            replace(
                A_WAS_FINE,
                asked=(replace(BACK_TO_A, freight=B.id),),
                held=(LineNote("web", at(45), "ann", "back"),),
                resumed=(LineNote("web", at(52), "ann", "go on"),),
            ),
            promoted(),
            DEV,
            id="it is a rollback itself",
        ),
    ],
)
def test_a_failure_that_is_not_ours_to_mend_is_noted_alone(
    notes: StageNotes, seen: LinePicture, of: Stage
) -> None:
    made = after(notes, replace(seen, results=(said(ResultState.FAILURE, 79),)), 80, of)
    assert [one.freight for one in made.failed] == [B.id]
    assert (made.asked, made.held) == (notes.asked, notes.held)


@pytest.mark.parametrize(("minute", "acts"), [(75, True), (76, False)])
def test_a_failure_of_long_ago_is_no_reason_to_act(minute: float, acts: bool) -> None:
    notes = after(A_WAS_FINE, promoted(said(ResultState.FAILURE, 55)), minute)
    assert bool(notes.asked) is acts
    assert notes.failed


def test_freight_that_nobody_knows_any_more_is_no_way_back() -> None:
    notes = after(A_WAS_FINE, promoted(said(ResultState.FAILURE, 55)), 56, book=ledger(B))
    assert (notes.asked, notes.held) == ((), ())


def test_a_stage_that_asks_for_nothing_notes_nothing() -> None:
    of, now = replace(DEV, verify=()), datetime(2026, 1, 2, tzinfo=at(0).tzinfo)
    seen = promoted(said(ResultState.FAILURE, 55))
    assert Verifying(BOOK, of, seen, now).added_to(A_WAS_FINE) == A_WAS_FINE
