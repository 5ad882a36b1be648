"""What a round writes into the ledger, and that nothing is written twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from github_app.ledger import Ledger
from github_app.notes import Note, StageNotes
from github_app.picture import LinePicture, ProjectPicture
from github_app.pulls import Closer, PullRequest, PullState
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.news import brought_up_to_date
from plugin.freight import FreightId
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    A,
    B,
    C,
    adopted,
    at,
    freight,
    image,
    ledger,
    line,
    project,
    proposed,
    pull,
    shown,
    stage,
)

DEV = project(replace(stage("dev"), verify=(CheckSucceeds("smoke"),)))
NOW = at(100)


def told(picture: ProjectPicture, now: datetime = NOW) -> Ledger:
    """The ledger after a round, having made sure that a second round adds nothing."""
    after = brought_up_to_date(picture, now)
    again = brought_up_to_date(replace(picture, ledger=after), now + timedelta(hours=1))
    assert again == after
    return after


def order(book: Ledger) -> list[FreightId]:
    return [one.freight.id for one in book.seen("web")]


def closed(by: Closer, number: int = 7) -> PullRequest:
    return replace(
        pull("dev", number=number),
        state=PullState.CLOSED,
        closed_by=by,
        closer="ann",
        closed_at=at(90),
    )


def with_last(last: PullRequest, carried: FreightId | None = B.id) -> LinePicture:
    return replace(line("dev", A), last=last, last_freight=carried)


def test_new_freight_is_noted_with_the_time() -> None:
    book = told(shown(DEV, [line("dev")], ledger(A), B))
    assert order(book) == [A.id, B.id]
    assert book.seen("web")[-1].newest_at == NOW


def test_freight_that_becomes_newest_anew_moves_to_the_end() -> None:
    book = told(shown(DEV, [line("dev")], ledger(A, B), A))
    assert order(book) == [B.id, A.id]
    assert book.seen("web")[-1].newest_at == NOW


def test_a_registry_that_cannot_be_read_changes_nothing() -> None:
    picture = shown(DEV, [line("dev", A)], ledger(A, B))
    assert told(picture) == picture.ledger


def test_forgotten_freight_stands_right_below_the_newest() -> None:
    lost = freight("1.1.5")
    both = project(stage("dev"), stage("other"))
    lines = [line("dev", lost, since=at(60)), line("other", B, since=at(50))]
    assert order(told(shown(both, lines, ledger(A, C), C))) == [A.id, B.id, lost.id, C.id]
    assert order(told(shown(both, lines, ledger(A, C)))) == [A.id, C.id, B.id, lost.id]
    assert order(told(shown(both, lines, ledger(), C))) == [B.id, lost.id, C.id]


def test_what_an_open_promotion_carries_is_not_forgotten_either() -> None:
    carrying = proposed(line("dev", A), B)
    assert order(told(shown(DEV, [carrying], ledger(A)))) == [A.id, B.id]
    assert carrying.head is not None
    foreign = replace(carrying, head=replace(carrying.head, ours=False))
    assert order(told(shown(DEV, [foreign], ledger(A)))) == [A.id]


def test_a_person_s_closing_is_a_rejection() -> None:
    notes = told(shown(DEV, [with_last(closed(Closer.PERSON))], ledger(A, B))).notes("dev")
    assert notes.rejected == (Note(B.id, at(90), "ann", "closed pull request #7"),)


@pytest.mark.parametrize("by", [Closer.APP, Closer.GITHUB])
def test_other_closings_are_none(by: Closer) -> None:
    assert told(shown(DEV, [with_last(closed(by))], ledger(A, B))).notes("dev").rejected == ()


def test_a_merge_is_none() -> None:
    merged = replace(closed(Closer.PERSON), state=PullState.MERGED)
    assert told(shown(DEV, [with_last(merged)], ledger(A, B))).notes("dev").rejected == ()


def test_a_rejection_is_never_older_than_the_freight_whatever_the_clocks_say() -> None:
    book = ledger(A).with_newest(B, at(95))
    notes = told(shown(DEV, [with_last(closed(Closer.PERSON))], book)).notes("dev")
    assert notes.rejected[0].at == at(95)


def test_a_rejection_whose_branch_tells_nothing_is_one_of_the_newest_known() -> None:
    picture = shown(DEV, [with_last(closed(Closer.PERSON), None)], ledger(A, B), C)
    assert told(picture).notes("dev").rejected[0].freight == B.id


def test_reopening_takes_the_rejection_back_and_closing_again_renews_it() -> None:
    first = told(shown(DEV, [with_last(closed(Closer.PERSON))], ledger(A, B)))
    opened = replace(proposed(line("dev", A), B), open=pull("dev", number=7))
    reopened = told(shown(DEV, [opened], first))
    assert reopened.notes("dev").rejected == ()
    again = told(shown(DEV, [with_last(closed(Closer.PERSON))], reopened))
    assert len(again.notes("dev").rejected) == 1


def test_reopening_another_pull_request_leaves_rejections_alone() -> None:
    first = told(shown(DEV, [with_last(closed(Closer.PERSON))], ledger(A, B)))
    opened = replace(proposed(line("dev", A), C), open=pull("dev", number=8))
    assert told(shown(DEV, [opened], first)).notes("dev").rejected != ()


def said(state: ResultState) -> LinePicture:
    return replace(line("dev", A), results=(Result(ResultKind.CHECK, "smoke", state),))


def test_verification_is_noted_with_its_commit_and_stays() -> None:
    notes = told(shown(DEV, [said(ResultState.SUCCESS)], ledger(A))).notes("dev")
    assert notes.verified == (Note(A.id, NOW, "check smoke", "succeeded on merge-dev"),)
    later = told(shown(DEV, [said(ResultState.FAILURE)], ledger(A, dev=notes)))
    assert later.notes("dev") == notes


@pytest.mark.parametrize("state", [ResultState.FAILURE, ResultState.PENDING])
def test_what_did_not_succeed_is_not_noted(state: ResultState) -> None:
    assert told(shown(DEV, [said(state)], ledger(A))).notes("dev").verified == ()


def test_results_of_pins_without_a_record_verify_nothing() -> None:
    result = Result(ResultKind.CHECK, "smoke", ResultState.SUCCESS)
    held = replace(adopted("dev", image("1.0.0")), results=(result,))
    assert told(shown(DEV, [held], ledger(A))).notes("dev").verified == ()


def test_pins_of_known_freight_are_adopted_once() -> None:
    notes = told(shown(DEV, [adopted("dev", image("1.0.0"))], ledger(A, B))).notes("dev")
    assert [(one.freight, one.at) for one in notes.adopted] == [(A.id, NOW)]
    unknown = told(shown(DEV, [adopted("dev", image("0.1.0"))], ledger(A, B)))
    assert unknown.notes("dev") == StageNotes()


def test_pins_that_change_without_records_are_adopted_each_time() -> None:
    book = ledger(A, B)
    for pins in ("1.0.0", "1.1.0", "1.0.0"):
        book = told(shown(DEV, [adopted("dev", image(pins))], book))
    assert [one.freight for one in book.notes("dev").adopted] == [A.id, B.id, A.id]
