"""How long freight was in a stage, out of its record's changes and its adoptions."""

from __future__ import annotations

from github_app.notes import Note
from github_app.picture import Stay
from github_app.rules.stays import current, stays_of, with_adopted
from tests.github_app.shop import A, B, C, at


def test_a_stay_lasts_until_other_freight_comes() -> None:
    stays = stays_of([("one", at(0), A.id), ("two", at(5), B.id)])
    assert stays == (Stay(A.id, at(0), "one", at(5)), Stay(B.id, at(5), "two"))
    assert current(stays) == stays[1]


def test_a_change_that_keeps_the_freight_interrupts_nothing() -> None:
    stays = stays_of([("one", at(0), A.id), ("two", at(5), A.id)])
    assert stays == (Stay(A.id, at(0), "one"),)


def test_a_record_that_is_gone_or_unreadable_ends_the_stay() -> None:
    stays = stays_of([("one", at(0), A.id), ("two", at(5), None), ("three", at(9), A.id)])
    assert stays == (Stay(A.id, at(0), "one", at(5)), Stay(A.id, at(9), "three"))
    assert current(stays[:1]) is None


def test_a_clock_that_went_back_gives_no_negative_stay() -> None:
    stays = stays_of([("one", at(10), A.id), ("two", at(5), B.id)])
    assert stays[0].until == at(10)


def adoption(freight: str, minute: float) -> Note:
    return Note({"A": A, "B": B, "C": C}[freight].id, at(minute), "towline", "found")


def test_adopted_freight_stays_as_long_as_the_pins_hold_it() -> None:
    assert with_adopted((), [adoption("A", 3)], A.id) == (Stay(A.id, at(3), ""),)


def test_adopted_freight_leaves_when_the_next_is_adopted_or_recorded() -> None:
    recorded = (Stay(C.id, at(20), "merge"),)
    stays = with_adopted(recorded, [adoption("A", 3), adoption("B", 10)], C.id)
    assert stays == (
        Stay(A.id, at(3), "", at(10)),
        Stay(B.id, at(10), "", at(20)),
        Stay(C.id, at(20), "merge"),
    )


def test_nobody_knows_how_long_adopted_freight_stayed_that_is_gone() -> None:
    assert with_adopted((), [adoption("A", 3)], None) == (Stay(A.id, at(3), "", at(3)),)


def test_adoption_after_a_record_was_deleted_begins_anew() -> None:
    ended = (Stay(A.id, at(0), "merge", at(5)),)
    assert with_adopted(ended, [adoption("A", 8)], A.id) == (*ended, Stay(A.id, at(8), ""))
