"""What one line does now: newest by becoming newest, rejections, reverts, holds, adoption."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from github_app.discovery import Undiscovered
from github_app.notes import LineNote, Note, StageNotes
from github_app.picture import LinePicture
from github_app.pulls import PullState
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.availability import Pending
from github_app.rules.decision import Blocked, Decision, Held, Promote, UpToDate, Waiting
from plugin.freight import Freight
from plugin.pipeline import Supersede
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    A,
    B,
    C,
    adopted,
    after,
    at,
    decision,
    freight,
    image,
    kustomization,
    ledger,
    line,
    missing,
    project,
    proposed,
    pull,
    shown,
    soak,
    stage,
    warehouse,
    went,
    with_files,
)

DEV = project(stage("dev"))
PAIR = project(stage("dev"), stage("prod", after("dev", soak=soak(30))))


def dev(at_line: LinePicture, *seen: Freight, **notes: StageNotes) -> Decision:
    """What a direct stage does when this freight became newest in this order."""
    return decision(shown(DEV, [at_line], ledger(*seen, **notes), seen[-1]), "dev", at(100))


def promoted(answer: Decision) -> Freight | None:
    match answer:
        case Promote(one):
            return one
        case _:
            return None


def rejected(*freights: Freight, minute: float = 50) -> StageNotes:
    notes = (Note(one.id, at(minute), "ann", f"closed #{one.short}") for one in freights)
    return StageNotes(rejected=tuple(notes))


# Newest


def test_newest_is_what_became_newest_last_not_the_highest_version() -> None:
    assert promoted(dev(line("dev"), B, C, A)) == A
    assert promoted(dev(line("dev", C), A, C, freight("1.9.0"))) == freight("1.9.0")


def test_going_back_to_an_older_tag_is_a_promotion() -> None:
    book = ledger(A, B).with_newest(A, at(60))
    answer = decision(shown(DEV, [line("dev", B)], book, A), "dev", at(100))
    assert promoted(answer) == A


def test_a_moved_tag_is_new_freight() -> None:
    moved = freight("1.0.0", "moved")
    assert promoted(dev(line("dev", A), A, moved)) == moved


def test_a_stage_never_goes_back_by_itself() -> None:
    answer = decision(shown(DEV, [line("dev", B)], ledger(A, B)), "dev", at(100))
    assert answer == UpToDate(B.id)


def test_what_stages_hold_is_newer_than_what_a_lost_ledger_remembers() -> None:
    picture = shown(DEV, [line("dev", B)], ledger(A))
    picture = replace(picture, discoveries={"web": Undiscovered("the registry is down")})
    assert decision(picture, "dev", at(100)) == UpToDate(B.id)


def test_without_freight_the_reason_is_the_registry_s() -> None:
    picture = replace(
        shown(DEV, [line("dev")], ledger()), discoveries={"web": Undiscovered("it answers 500")}
    )
    answer = decision(picture, "dev", at(100))
    assert answer == Waiting(Pending("warehouse web has no freight yet: it answers 500"))


# Soak without starvation


def test_the_newest_eligible_freight_is_promoted_while_newer_freight_soaks() -> None:
    lines = [went("dev", (A, 0), (B, 60)), line("prod")]
    answer = decision(shown(PAIR, lines, ledger(A, B), B), "prod", at(70))
    assert promoted(answer) == A
    assert isinstance(answer, Promote)
    assert answer.later is not None
    assert answer.later.until == at(90)
    assert promoted(decision(shown(PAIR, lines, ledger(A, B), B), "prod", at(90))) == B


def test_up_to_date_says_what_comes_and_when() -> None:
    lines = [went("dev", (A, 0), (B, 60)), line("prod", A)]
    answer = decision(shown(PAIR, lines, ledger(A, B), B), "prod", at(70))
    assert isinstance(answer, UpToDate)
    assert answer.later is not None
    assert answer.later.until == at(90)


def busy(at_line: LinePicture, minute: float) -> Decision:
    slow = replace(stage("dev"), supersede=Supersede.AFTER_SOAK, verify=(CheckSucceeds("smoke"),))
    of = project(slow, stage("prod", after("dev", soak=soak(30))))
    return decision(shown(of, [at_line, line("prod")], ledger(A, B), B), "dev", at(minute))


def test_after_soak_keeps_freight_until_the_next_stage_could_take_it() -> None:
    waits = busy(line("dev", A, since=at(10)), 39)
    assert isinstance(waits, Waiting)
    assert waits.pending.until == at(40)
    assert promoted(busy(line("dev", A, since=at(10)), 40)) == B


def test_after_soak_does_not_wait_for_freight_that_failed() -> None:
    failed = (Result(ResultKind.CHECK, "smoke", ResultState.FAILURE),)
    assert promoted(busy(replace(line("dev", A, since=at(10)), results=failed), 20)) == B


def test_after_soak_asks_through_control_flow_stages() -> None:
    hub = replace(stage("hub", after("dev")), place=None)
    slow = replace(stage("dev"), supersede=Supersede.AFTER_SOAK)
    of = project(slow, hub, stage("prod", after("hub", soak=soak(30))))
    lines = [line("dev", A, since=at(10)), line("prod")]
    assert isinstance(decision(shown(of, lines, ledger(A, B), B), "dev", at(39)), Waiting)


# Rejection


def test_rejected_freight_waits_for_newer_freight() -> None:
    answer = dev(line("dev", A), A, B, dev=rejected(B))
    assert isinstance(answer, UpToDate)
    assert answer.later == Pending(f"{B.alias} was rejected for dev")
    assert promoted(dev(line("dev", A), A, B, C, dev=rejected(B))) == C


def test_freight_older_than_the_rejected_is_not_proposed_instead() -> None:
    assert promoted(dev(line("dev"), A, B, dev=rejected(B))) is None


def test_freight_newer_than_the_rejected_but_known_before_counts() -> None:
    lines = [went("dev", (A, 0), (B, 20)), line("prod")]
    picture = shown(PAIR, lines, ledger(A, B, prod=rejected(A, minute=45)), B)
    assert promoted(decision(picture, "prod", at(100))) == B


def test_rejected_freight_that_becomes_newest_anew_is_proposed_again() -> None:
    book = ledger(A, B, dev=rejected(A, minute=30)).with_newest(A, at(60))
    answer = decision(shown(DEV, [line("dev", B)], book, A), "dev", at(100))
    assert promoted(answer) == A


def test_an_open_promotion_is_wanted_whatever_was_rejected_since() -> None:
    opened_again = proposed(line("dev", A), B)
    assert promoted(dev(opened_again, A, B, C, dev=rejected(C))) == B


# Reverts


def test_a_revert_holds_the_line_for_newer_freight_too() -> None:
    back = went("dev", (A, 0), (B, 10), (A, 20))
    for seen in ((A, B), (A, B, C)):
        answer = dev(back, *seen)
        assert isinstance(answer, Held)
        assert f"taken back from {B.alias} to {A.alias}" in answer.reason
        assert "2026-01-01T00:20:00Z" in answer.reason


def test_a_revert_of_the_first_promotion_holds_the_line() -> None:
    gone = replace(line("dev"), stays=went("dev", (A, 0), (A, 10)).stays[:1])
    answer = dev(gone, A, B)
    assert isinstance(answer, Held)
    assert "what it held before" in answer.reason


def test_resuming_or_reverting_the_revert_lets_it_go_on() -> None:
    back = went("dev", (A, 0), (B, 10), (A, 20))
    resumed = StageNotes(resumed=(LineNote("web", at(30), "gina", "go on"),))
    assert promoted(dev(back, A, B, dev=resumed)) == B
    again = went("dev", (A, 0), (B, 10), (A, 20), (B, 30))
    assert promoted(dev(again, A, B, C)) == C


def test_a_promotion_back_is_no_revert_even_when_the_other_becomes_newest_anew() -> None:
    back = went("dev", (A, 0), (B, 10), (A, 30), previous=B)
    assert promoted(dev(back, A, B)) == B


def test_a_step_made_twice_is_a_revert_unless_its_pull_request_is_known() -> None:
    steps = ((A, 0), (B, 10), (A, 30), (B, 40), (A, 50))
    back = went("dev", *steps, previous=B)
    assert isinstance(dev(back, A, B), Held)
    merged = replace(pull("dev"), state=PullState.MERGED, merge_commit="commit-4")
    assert promoted(dev(replace(back, last=merged), A, B)) == B


def test_a_record_deleted_under_the_same_pins_is_adoption_not_a_revert() -> None:
    files = {"stages/dev/kustomization.yaml": kustomization(image("1.1.0"))}
    ended = replace(went("dev", (A, 0), (B, 10), (A, 20)).stays[1], until=at(20))
    left = with_files(replace(line("dev"), stays=(ended,)), files, warehouse())
    assert promoted(dev(left, A, B, C)) == C


# Holds and unmanaged changes


def test_pins_that_disagree_without_a_record_are_to_be_made_to_agree() -> None:
    answer = dev(adopted("dev", image("1.0.0"), image("1.1.0")), A, B)
    assert isinstance(answer, Held)
    assert "make these pins agree" in answer.reason
    assert "record" not in answer.reason


def test_a_held_line_stays_until_it_is_resumed() -> None:
    held = StageNotes(held=(LineNote("web", at(5), "gina", "freeze"),))
    assert dev(line("dev", A), A, B, dev=held) == Held(
        "held by gina at 2026-01-01T00:05:00Z: freeze", "to go on, '/towline resume'"
    )
    both = replace(held, resumed=(LineNote("web", at(6), "gina", "thaw"),))
    assert promoted(dev(line("dev", A), A, B, dev=both)) == B
    other = StageNotes(held=(LineNote("api", at(5), "gina", "freeze"),))
    assert promoted(dev(line("dev", A), A, B, dev=other)) == B


def test_pins_changed_by_hand_hold_their_line_alone() -> None:
    edited = line("dev", A)
    files = {**edited.files, "stages/dev/kustomization.yaml": kustomization(image("9.9.9"))}
    edited = replace(with_files(edited, files, warehouse()), changed_by="carol")
    of = project(stage("dev"), stage("other"))
    picture = shown(of, [edited, line("other", A)], ledger(A, B), B)
    answer = decision(picture, "dev", at(100))
    assert isinstance(answer, Held)
    for part in ("unmanaged change in dev", "carol", "9.9.9", "stages/dev/kustomization.yaml:4"):
        assert part in answer.reason
    assert promoted(decision(picture, "other", at(100))) == B


# Adoption


def test_pins_that_already_are_the_newest_freight_are_left_alone() -> None:
    for pins in ((image("1.1.0"),), ()):
        held = adopted("dev", *pins) if pins else line("dev", B)
        assert dev(held, A, B) == UpToDate(B.id)


def test_adopted_pins_take_newer_freight() -> None:
    assert promoted(dev(adopted("dev", image("1.0.0")), A, B)) == B
    assert promoted(dev(adopted("dev", image("0.5.0")), A, B)) == B


def test_pins_nobody_recorded_are_never_downgraded() -> None:
    answer = dev(adopted("dev", image("7.0.0")), A, B)
    assert isinstance(answer, Waiting)
    assert "never downgraded" in answer.pending.reason
    assert promoted(dev(adopted("dev", image("1.1.5")), A, B, C)) == C


# What cannot be worked on


def test_a_missing_place_blocks_its_line_alone() -> None:
    of = project(stage("dev"), stage("other"))
    gone = missing("dev", "towline.yaml: 'stages/dev' of stage dev is not on main; create it")
    picture = shown(of, [gone, line("other")], ledger(A), A)
    assert decision(picture, "dev", at(1)) == Blocked(
        ("towline.yaml: 'stages/dev' of stage dev is not on main; create it",)
    )
    assert promoted(decision(picture, "other", at(1))) == A


def test_a_stage_without_a_pin_is_blocked_with_what_to_do() -> None:
    empty = replace(line("dev"), files={})
    answer = dev(empty, A)
    assert isinstance(answer, Blocked)
    assert "add an 'images' entry" in answer.reasons[0]


def test_an_unreadable_record_blocks_its_line() -> None:
    broken = {**line("dev", A).files, "stages/dev/.freight/web.yaml": "freight: [\n"}
    answer = dev(with_files(line("dev", A), broken, warehouse()), A, B)
    assert isinstance(answer, Blocked)
    assert "stages/dev/.freight/web.yaml" in answer.reasons[0]


# Order and records


def test_the_record_says_what_was_there_before() -> None:
    answer = dev(line("dev", A), A, B)
    assert isinstance(answer, Promote)
    assert f"previous: {A.id}" in answer.changes.files["stages/dev/.freight/web.yaml"]


def test_among_much_freight_only_what_passed_the_upstream_counts() -> None:
    freights = [freight(f"1.{number}.0") for number in range(50)]
    lines = [went("dev", (freights[10], 0), (freights[49], 60)), line("prod", freights[3])]
    picture = shown(PAIR, lines, ledger(*freights), freights[49])
    now = at(60) + timedelta(minutes=1)
    assert promoted(decision(picture, "prod", now)) == freights[10]
