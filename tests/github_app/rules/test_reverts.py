"""Telling a revert from a promotion that goes back, without a clock."""

from __future__ import annotations

from dataclasses import replace

from github_app.picture import LinePicture
from github_app.pulls import PullState
from github_app.rules.reverts import TakenBack, taken_back
from plugin.freight import Freight, FreightId
from tests.github_app.shop import A, B, C, at, line, pull, went

ORDER = (A.id, B.id, C.id)


def order(freight: FreightId | None) -> int:
    return ORDER.index(freight) if freight in ORDER else -1


def found(of: LinePicture, now: Freight | None = A) -> TakenBack | None:
    return taken_back(of, of.stays, now.id if now else None, order)


def test_going_forward_is_no_revert() -> None:
    assert found(line("dev"), None) is None
    assert found(line("dev", A)) is None
    assert found(went("dev", (A, 0), (B, 5)), B) is None


def test_older_freight_with_its_old_record_is_one() -> None:
    assert found(went("dev", (A, 0), (B, 5), (A, 9))) == TakenBack(B.id, at(9))


def test_older_freight_whose_record_names_what_it_displaced_is_none() -> None:
    assert found(went("dev", (A, 0), (B, 5), (A, 9), previous=B)) is None


def test_the_same_step_twice_is_one_unless_our_merge_made_it() -> None:
    twice = went("dev", (A, 0), (B, 1), (A, 2), (B, 3), (A, 4), previous=B)
    assert found(twice) == TakenBack(B.id, at(4))
    merged = replace(pull("dev"), state=PullState.MERGED, merge_commit="commit-4")
    assert found(replace(twice, last=merged)) is None
    assert found(replace(twice, last=replace(merged, merge_commit="commit-2"))) is not None


def test_the_step_back_to_adopted_freight_counts_as_made_before() -> None:
    back = went("dev", (B, 5), (C, 6), (B, 9), previous=C)
    adopted = replace(back.stays[0], freight=C.id, since=at(0), until=at(5))
    assert taken_back(back, back.stays, B.id, order) is None
    assert taken_back(back, (adopted, *back.stays), B.id, order) == TakenBack(C.id, at(9))


def test_freight_nobody_knows_is_judged_by_its_record_alone() -> None:
    unknown = replace(went("dev", (A, 0), (B, 5), (A, 9)), last=None)
    stays = tuple(
        replace(one, freight=FreightId("f" * 64)) if one.freight == B.id else one
        for one in unknown.stays
    )
    assert taken_back(replace(unknown, stays=stays), stays, A.id, order) is not None


def test_a_record_taken_away_is_one_unless_the_pins_are_as_new() -> None:
    stays = (replace(line("dev", B).stays[0], until=at(7)),)
    gone = replace(line("dev"), stays=stays)
    assert found(gone, None) == TakenBack(B.id, at(7))
    assert found(gone, A) == TakenBack(B.id, at(7))
    assert found(gone, B) is None
    assert found(gone, C) is None
