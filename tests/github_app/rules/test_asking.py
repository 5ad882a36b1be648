"""What somebody asked for or held, and when it is over; and what a line makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.actions import ClosePromotion
from github_app.notes import Allowed, Asked, LineNote, Note, Override, StageNotes, Way
from github_app.picture import LinePicture, Stay
from github_app.rules.asking import (
    active_ask,
    consents_to,
    resumed_since,
    standing_hold,
    with_hold,
    with_resumed,
)
from github_app.rules.decision import Decision, Held, Promote, UpToDate, Waiting
from plugin.artifact import Image
from plugin.disks.policy import Consent
from plugin.freight import Freight
from plugin.stage_policy import Opening
from tests.github_app.shop import (
    PIPELINE,
    A,
    B,
    C,
    at,
    decision,
    freight,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    shown,
    warehouse,
    went,
    with_files,
)


def asked(chosen: Freight, minute: float, way: Way = Way.PROMOTE) -> Asked:
    return Asked("web", chosen.id, at(minute), "kim", "why not", way)


def note(minute: float, who: str = "kim") -> LineNote:
    return LineNote("web", at(minute), who, "why not")


ROLLBACK = asked(A, 50, Way.ROLLBACK)


# When an ask is over


@pytest.mark.parametrize(
    ("more", "stays", "goes_on"),
    [
        (StageNotes(), (), True),
        (StageNotes(), (Stay(A.id, at(10), "c", at(20)),), True),
        (StageNotes(), (Stay(A.id, at(50), "c", at(60)),), False),
        (StageNotes(rejected=(Note(A.id, at(40), "kim", "no"),)), (), True),
        (StageNotes(rejected=(Note(A.id, at(60), "kim", "no"),)), (), False),
        (
            StageNotes(
                rejected=(Note(A.id, at(60), "kim", "no"),),
                overridden=(Override("rejection", A.id, at(70), "kim", "yes"),),
            ),
            (),
            True,
        ),
        (StageNotes(rejected=(Note(B.id, at(60), "kim", "no"),)), (), True),
        (StageNotes(resumed=(note(50),)), (), True),
        (StageNotes(resumed=(note(51),)), (), False),
        (StageNotes(resumed=(LineNote("db", at(51), "kim", "no"),)), (), True),
    ],
)
def test_an_ask_is_over_once_it_came_was_rejected_or_the_line_goes_on_by_itself(
    more: StageNotes, stays: tuple[Stay, ...], goes_on: bool
) -> None:
    notes = replace(more, asked=(ROLLBACK,))
    assert active_ask(notes, "web", stays, B.id) == (ROLLBACK if goes_on else None)


def test_the_last_ask_of_a_line_counts_and_none_for_what_it_holds() -> None:
    notes = StageNotes(asked=(ROLLBACK, replace(asked(C, 60), warehouse="db"), asked(B, 55)))
    assert active_ask(notes, "web", (), A.id) == asked(B, 55)
    assert active_ask(notes, "web", (), B.id) is None
    assert active_ask(notes, "api", (), None) is None


# Holds


def test_a_hold_stands_until_it_is_lifted_and_stops_nothing_that_was_asked_for_since() -> None:
    held = StageNotes(held=(note(10),))
    assert standing_hold(held, "web") == note(10)
    assert standing_hold(held, "db") is None
    assert standing_hold(held, "web", asked(A, 10)) is None
    assert standing_hold(held, "web", asked(A, 9)) == note(10)
    assert standing_hold(with_resumed(held, note(11)), "web") is None


def test_a_hold_and_its_end_in_one_second_count_in_the_order_they_were_said() -> None:
    notes = with_hold(StageNotes(), note(10))
    notes = with_resumed(notes, note(10))
    assert standing_hold(notes, "web") is None
    notes = with_hold(notes, note(10))
    assert standing_hold(notes, "web") is not None
    notes = with_resumed(notes, note(10))
    assert standing_hold(notes, "web") is None
    assert resumed_since(notes, "web", at(10))


# Consents


def test_a_consent_is_for_the_versions_of_one_freight() -> None:
    notes = StageNotes(
        allowed=(
            Allowed("data/db", "root", A.id, at(1), "kim", "a cache"),
            Allowed("db", "root", B.id, at(1), "kim", "a cache"),
        )
    )
    (image,) = (one for one in A.artifacts if isinstance(one, Image))
    assert consents_to(A, notes) == {Consent("db", "root", image.digest, "data")}
    assert consents_to(C, notes) == frozenset()


# What a line makes of it


def decided(
    lines: list[LinePicture],
    notes: StageNotes,
    minute: float = 100,
    opening: Opening = Opening.AUTO,
) -> Decision:
    stages = [replace(one, opening=opening) for one in PIPELINE[:2]]
    book = ledger(A, B, C, staging=notes)
    return decision(shown(project(*stages), lines, book, C), "staging", at(minute))


def carried(answer: Decision) -> Freight | None:
    return answer.freight if isinstance(answer, Promote) else None


def test_what_was_asked_for_comes_before_what_comes_by_itself() -> None:
    lines = [went("dev", (A, 0), (B, 10), (C, 20)), line("staging")]
    answer = decided(lines, StageNotes(asked=(asked(B, 50),), held=(note(50),)))
    assert carried(answer) == B
    assert isinstance(answer, Promote)
    assert answer.asked == asked(B, 50)


def test_a_hold_after_it_stops_what_was_asked_for_too() -> None:
    lines = [went("dev", (A, 0), (B, 10), (C, 20)), line("staging")]
    assert isinstance(decided(lines, StageNotes(asked=(asked(B, 50),), held=(note(51),))), Held)


def test_promote_asks_for_no_more_than_is_available() -> None:
    lines = [line("dev", A), line("staging")]
    assert isinstance(decided(lines, StageNotes(asked=(asked(B, 50),))), Waiting)
    assert carried(decided(lines, StageNotes(asked=(asked(B, 50, Way.HOTFIX),)))) == B


def test_a_rollback_goes_back_whatever_was_rejected_or_comes() -> None:
    lines = [line("dev", C), went("staging", (A, 0), (B, 30))]
    rejected = (Note(C.id, at(40), "kim", "closed pull request #3"),)
    notes = StageNotes(asked=(ROLLBACK,), held=(note(50),), rejected=rejected)
    answer = decided(lines, notes)
    assert carried(answer) == A
    assert isinstance(answer, Promote)
    assert "rollback by kim" in answer.standing.reason


def test_freight_that_nobody_remembers_is_waited_for() -> None:
    forgotten = replace(asked(A, 50), freight=freight("9.9.9").id)
    answer = decided([line("dev", C), line("staging")], StageNotes(asked=(forgotten,)))
    assert isinstance(answer, Waiting)
    assert "is not remembered" in answer.pending.reason


def test_an_override_of_the_upstream_lets_exactly_this_freight_in() -> None:
    lines = [line("dev", A), line("staging", A)]
    let = StageNotes(overridden=(Override("upstream", B.id, at(50), "kim", "the fair"),))
    answer = decided(lines, let)
    assert carried(answer) == B
    assert isinstance(answer, Promote)
    assert answer.standing.reason.startswith("overridden by kim")


def test_a_stage_that_promotes_when_asked_proposes_nothing_else() -> None:
    lines = [line("dev", C), line("staging", A)]
    answer = decided(lines, StageNotes(), opening=Opening.MANUAL)
    assert isinstance(answer, Waiting)
    assert f"/towline promote {C.alias} to staging" in answer.pending.reason
    wanted = StageNotes(asked=(asked(C, 50),))
    assert carried(decided(lines, wanted, opening=Opening.MANUAL)) == C
    opened = [line("dev", C), proposed(line("staging", A), C)]
    assert carried(decided(opened, StageNotes(), opening=Opening.MANUAL)) == C


def by_hand(says: Freight, held: Freight) -> LinePicture:
    """The stage's pins were changed by hand, its record was not."""
    recorded, changed = line("staging", held), line("staging", says)
    path = "stages/staging/kustomization.yaml"
    return with_files(recorded, {**recorded.files, path: changed.files[path]}, warehouse())


def test_a_change_by_hand_is_adopted_by_a_promotion_of_the_record_alone() -> None:
    lines = [line("dev", C), by_hand(B, A)]
    stopped = decided(lines, StageNotes())
    assert isinstance(stopped, Held)
    assert "'/towline resume' adopts it" in stopped.reason
    answer = decided(lines, StageNotes(asked=(asked(B, 50),), resumed=(note(50),)))
    assert isinstance(answer, Promote)
    assert list(answer.changes.files) == ["stages/staging/.freight/web.yaml"]
    assert "adopted by kim" in answer.standing.reason


def test_what_was_asked_for_overwrites_no_change_by_hand() -> None:
    lines = [line("dev", C), by_hand(B, A)]
    assert isinstance(decided(lines, StageNotes(asked=(asked(C, 50),))), Held)


def rejecting(why: str) -> StageNotes:
    return StageNotes(rejected=(Note(C.id, at(50), "kim", why),))


def closed(notes: StageNotes) -> list[str]:
    lines = [line("dev", C), proposed(line("staging", A), C)]
    picture = shown(project(*PIPELINE[:2]), lines, ledger(A, B, C, staging=notes), C)
    actions = line_plan(planned(picture, at(100)), "staging").actions
    return [one.reason for one in actions if isinstance(one, ClosePromotion)]


def test_freight_rejected_in_words_is_closed_and_reopened_freight_is_not() -> None:
    assert closed(rejecting("it burns")) == [f"{C.alias} was rejected by kim: it burns"]
    assert closed(rejecting("closed pull request #9")) == []


def test_a_rejection_is_over_when_the_freight_becomes_the_newest_once_more() -> None:
    lines = [line("dev", A), line("staging", B)]
    notes = StageNotes(rejected=(Note(A.id, at(30), "kim", "it burns"),))
    book = ledger(A, B, staging=notes).with_newest(A, at(60))
    picture = shown(project(*PIPELINE[:2]), lines, book, A)
    assert carried(decision(picture, "staging", at(100))) == A


def test_a_rejection_that_was_taken_back_counts_no_more() -> None:
    lines = [line("dev", C), line("staging", A)]
    assert isinstance(decided(lines, rejecting("it burns")), UpToDate)
    again = replace(
        rejecting("it burns"), overridden=(Override("rejection", C.id, at(60), "kim", "retry"),)
    )
    assert carried(decided(lines, again)) == C
