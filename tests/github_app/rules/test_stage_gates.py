"""Windows and reviews on a pull request: what they hold back, and what falls when it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from github_app.actions import (
    Action,
    DismissReview,
    MergePromotion,
    OpenPromotion,
    SetDraft,
    UpdatePromotion,
)
from github_app.difference.values import (
    Counts,
    Rendered,
    Rendering,
    RenderKey,
    ToRender,
    Unrendered,
    Why,
)
from github_app.gates import Gate, GateState
from github_app.notes import Asked, Override, StageNotes, Way
from github_app.picture import Base, LinePicture, Person
from github_app.plan import LinePlan, plan
from github_app.pulls import PullRequest, Review
from github_app.rules.reviewed import with_reviews
from plugin.freight import Freight
from plugin.pipeline import Merge, Stage
from plugin.stage_policy import Draft, Reviews, Window, WindowKind
from tests.github_app.shop import (
    TIP,
    A,
    B,
    C,
    at,
    ledger,
    line,
    line_plan,
    project,
    proposed,
    repository,
    shown,
    stage,
)

# 2026-01-01 is a Thursday.
NOW = at(9 * 60)
DAYS = Window(WindowKind.ALLOW, "FREQ=DAILY;BYHOUR=10", timedelta(hours=8), "UTC")
AUTO = replace(stage("dev"), merge=Merge.AUTO)
TIMED = replace(AUTO, windows=(DAYS,))
REVIEWED = replace(AUTO, reviews=Reviews(1))
OPEN = proposed(line("dev", A), B)


def review(author: str = "ann", oid: str = "h" * 40, *, approved: bool = True) -> Review:
    return Review(f"PRR_{author}", author, approved, oid, NOW, may_push=True)


def pulled(at_line: LinePicture) -> PullRequest:
    assert at_line.open is not None
    return at_line.open


def reviewed(*reviews: Review, at_line: LinePicture = OPEN) -> LinePicture:
    return replace(at_line, open=replace(pulled(at_line), reviews=reviews))


def planned(
    at_line: LinePicture,
    *seen: Freight,
    of: Stage,
    notes: StageNotes | None = None,
    rendered: Mapping[RenderKey, Rendering] | None = None,
    minutes: float = 9 * 60,
    people: Mapping[str, Person] | None = None,
) -> LinePlan:
    book = ledger(*seen, **({"dev": notes} if notes else {}))
    picture = replace(shown(project(of), [at_line], book, seen[-1]), rendered=rendered or {})
    around = replace(repository(picture), people=people or {})
    return line_plan(plan(around, at(minutes)), "dev")


def gate(made: LinePlan, name: str) -> Gate:
    (found,) = [one for one in made.gates if one.name == name]
    return found


def of_kind(made: LinePlan, kind: type[Action]) -> list[Action]:
    return [one for one in made.actions if isinstance(one, kind)]


# Windows


def test_a_closed_window_waits_until_it_opens_and_wakes_us_then() -> None:
    made = planned(OPEN, A, B, of=TIMED)
    assert gate(made, "window") == Gate(
        "window",
        GateState.WAITING,
        "closed until Thu 2026-01-01 10:00 UTC by allow FREQ=DAILY;BYHOUR=10",
        at(10 * 60),
    )
    assert not of_kind(made, MergePromotion)
    around = repository(shown(project(TIMED), [OPEN], ledger(A, B), B))
    assert plan(around, NOW).wake_at == at(10 * 60)


def test_an_open_window_lets_it_through_and_wakes_us_when_it_closes() -> None:
    made = planned(OPEN, A, B, of=TIMED, minutes=10 * 60)
    assert gate(made, "window") == Gate("window", GateState.PASSED, "open", at(18 * 60))
    assert of_kind(made, MergePromotion)
    around = repository(shown(project(TIMED), [OPEN], ledger(A, B), B))
    assert plan(around, at(10 * 60)).wake_at == at(18 * 60)


def test_somebody_with_a_reason_goes_past_the_window_with_this_freight_alone() -> None:
    notes = StageNotes(overridden=(Override("window", B.id, at(5), "ann", "a leak"),))
    passed = gate(planned(OPEN, A, B, of=TIMED, notes=notes), "window")
    assert passed.state is GateState.PASSED
    assert passed.text == "overridden by ann at 2026-01-01T00:05:00Z: a leak"
    newer = planned(proposed(line("dev", A), C), A, B, C, of=TIMED, notes=notes)
    assert gate(newer, "window").state is GateState.WAITING


def test_a_zone_that_nobody_knows_lets_nothing_through() -> None:
    lost = replace(TIMED, windows=(replace(DAYS, zone="Atlantis/Center"),))
    assert gate(planned(OPEN, A, B, of=lost), "window").state is GateState.FAILED


def test_stages_without_windows_and_reviews_have_no_such_gates() -> None:
    names = {one.name for one in planned(OPEN, A, B, of=AUTO).gates}
    assert not names & {"window", "reviews"}


# Drafts


def waiting(of: Stage) -> Stage:
    return replace(of, pull_request=replace(of.pull_request, draft=Draft.WAITING))


def test_it_is_opened_as_a_draft_while_only_time_is_waited_for() -> None:
    for minutes, draft in ((9 * 60, True), (10 * 60, False)):
        made = planned(line("dev", A), A, B, of=waiting(TIMED), minutes=minutes)
        (opened,) = of_kind(made, OpenPromotion)
        assert isinstance(opened, OpenPromotion)
        assert opened.proposal.text.draft is draft
        assert opened.proposal.merge is not draft


def test_a_draft_becomes_ready_and_is_merged_when_its_time_comes() -> None:
    draft = replace(OPEN, open=replace(pulled(OPEN), draft=True))
    made = planned(draft, A, B, of=waiting(TIMED), minutes=10 * 60)
    assert of_kind(made, SetDraft) == [SetDraft(pulled(draft), draft=False)]
    assert of_kind(made, MergePromotion)
    assert not of_kind(planned(draft, A, B, of=waiting(TIMED)), SetDraft)


def test_where_people_have_to_do_something_it_is_no_draft() -> None:
    both = replace(waiting(TIMED), reviews=Reviews(1))
    (opened,) = of_kind(planned(line("dev", A), A, B, of=both), OpenPromotion)
    assert isinstance(opened, OpenPromotion)
    assert not opened.proposal.text.draft
    again = planned(reviewed(review()), A, B, of=both)
    assert of_kind(again, SetDraft) == [SetDraft(pulled(reviewed(review())), draft=True)]


def test_where_nobody_asked_for_it_drafts_are_peoples_own() -> None:
    draft = replace(OPEN, open=replace(pulled(OPEN), draft=True))
    made = planned(draft, A, B, of=TIMED, minutes=10 * 60)
    assert not of_kind(made, SetDraft)
    assert not of_kind(made, MergePromotion)


# Reviews


def test_it_is_merged_once_enough_people_approved() -> None:
    assert not of_kind(planned(OPEN, A, B, of=REVIEWED), MergePromotion)
    assert of_kind(planned(reviewed(review()), A, B, of=REVIEWED), MergePromotion)
    against = reviewed(review(), review("bob", approved=False))
    assert not of_kind(planned(against, A, B, of=REVIEWED), MergePromotion)


def test_the_ledger_remembers_what_was_approved_and_it_counts_on_a_new_base() -> None:
    around = repository(
        shown(project(REVIEWED), [reviewed(review())], ledger(A, B), B),
    )
    written = plan(around, NOW).ledger
    assert written is not None
    assert "PRR_ann" in str(written.files["shop/stages/dev.yaml"])
    notes = _notes()
    moved = reviewed(review(oid="0" * 40))
    assert of_kind(planned(moved, A, B, of=REVIEWED, notes=notes), MergePromotion)
    assert not of_kind(planned(moved, A, B, of=REVIEWED), MergePromotion)


def _notes(rendered: Mapping[RenderKey, Rendering] | None = None) -> StageNotes:
    """What a round with Ann's approval of the open promotion leaves in the ledger."""
    return with_reviews(StageNotes(), REVIEWED, reviewed(review()), rendered or {})


def conflicting(reviews: tuple[Review, ...]) -> LinePicture:
    """The base moved, and the pull request has to be made anew on it."""
    other = replace(OPEN, base=Base("main", "d" * 40, protected=True))
    return replace(other, open=replace(pulled(OPEN), conflicting=True, reviews=reviews))


def test_an_approval_stays_when_the_same_comes_on_a_new_base() -> None:
    made = planned(conflicting((review(),)), A, B, of=REVIEWED, notes=_notes())
    (update,) = of_kind(made, UpdatePromotion)
    assert isinstance(update, UpdatePromotion)
    assert not of_kind(made, DismissReview)
    assert update.proposal.merge


def test_an_approval_falls_when_other_freight_takes_its_place() -> None:
    made = planned(reviewed(review()), A, B, C, of=REVIEWED, notes=_notes())
    (update,) = of_kind(made, UpdatePromotion)
    assert isinstance(update, UpdatePromotion)
    assert not update.proposal.merge
    (fallen,) = of_kind(made, DismissReview)
    assert isinstance(fallen, DismissReview)
    assert fallen.review == review()
    assert fallen.message == (
        f"Dismissed: it carries {C.alias} now, other freight than was approved."
    )


def test_an_approval_falls_when_the_result_of_merging_becomes_another() -> None:
    path = "stages/dev/kustomization.yaml"
    files = {**OPEN.files, path: OPEN.files[path] + "namespace: x\n"}
    edited = replace(conflicting((review(),)), files=files)
    made = planned(edited, A, B, of=REVIEWED, notes=_notes())
    (fallen,) = of_kind(made, DismissReview)
    assert isinstance(fallen, DismissReview)
    assert "something else than was approved" in fallen.message
    # Where no reviews are asked for, whoever else counts them decides.
    assert not of_kind(planned(edited, A, B, of=AUTO), DismissReview)


def _renders(to: LinePicture, rendering: Rendering) -> Mapping[RenderKey, Rendering]:
    base, head = to.base, to.head
    assert isinstance(base, Base)
    assert head is not None
    return {ToRender("dev", base.oid, to.directory, dict(head.files)).key: rendering}


def _rendered(sha256: str) -> Rendered:
    return Rendered("", sha256, Counts(), (), 0)


def test_what_is_rendered_decides_whether_the_result_is_the_same() -> None:
    notes = _notes(_renders(OPEN, _rendered("one")))
    moved = conflicting((review(),))
    for sha256, falls in (("one", False), ("two", True)):
        seen = _renders(moved, _rendered(sha256))
        made = planned(moved, A, B, of=REVIEWED, notes=notes, rendered=seen)
        assert bool(of_kind(made, DismissReview)) is falls
    later = _renders(moved, Unrendered(Why.LATER))
    waits = planned(moved, A, B, of=REVIEWED, notes=notes, rendered=later)
    assert not of_kind(waits, DismissReview)


def test_what_is_not_rendered_yet_is_not_remembered() -> None:
    assert _notes(_renders(OPEN, Unrendered(Why.LATER))) == StageNotes()


def test_a_hotfix_wants_one_more_from_somebody_else() -> None:
    asked = Asked("web", B.id, at(5), "Ann", "a leak", Way.HOTFIX)
    notes = StageNotes(asked=(asked,))
    own = planned(reviewed(review("ann")), A, B, of=AUTO, notes=notes)
    assert gate(own, "reviews").text == "0 of 1 approvals; still needed: one more approval"
    assert not of_kind(own, MergePromotion)
    other = planned(reviewed(review("bob")), A, B, of=AUTO, notes=notes)
    assert gate(other, "reviews").state is GateState.PASSED
    strict = planned(reviewed(review("bob")), A, B, of=REVIEWED, notes=notes)
    assert gate(strict, "reviews").text.startswith("1 of 2 approvals")


def test_people_and_teams_are_asked_once() -> None:
    form = replace(AUTO.pull_request, reviewers=("ann", "acme/sre"), assignees=("bob",))
    of = replace(AUTO, pull_request=form, reviews=Reviews(1, ("sre", "db")))
    (opened,) = of_kind(planned(line("dev", A), A, B, of=of), OpenPromotion)
    assert isinstance(opened, OpenPromotion)
    assert opened.proposal.reviewers == ("ann", "acme/sre", "acme/db")
    assert opened.proposal.assignees == ("bob",)


def test_a_base_that_is_merged_into_through_a_queue_is_queued_for_once() -> None:
    base = Base("main", TIP, requires_towline=True, protected=True, has_queue=True)
    (merge,) = of_kind(planned(replace(OPEN, base=base), A, B, of=AUTO), MergePromotion)
    assert isinstance(merge, MergePromotion)
    assert merge.has_queue
    queued = replace(OPEN, base=base, open=replace(pulled(OPEN), queued=True))
    assert not of_kind(planned(queued, A, B, of=AUTO), MergePromotion)


# Protection


def test_nothing_is_merged_by_itself_past_a_branch_that_nothing_protects() -> None:
    bare = replace(OPEN, base=Base("main", TIP))
    made = planned(bare, A, B, of=AUTO)
    shut = gate(made, "protection")
    assert shut.state is GateState.FAILED
    assert "nothing protects main" in shut.text
    assert "'protection: none' in stage dev" in shut.text
    assert not of_kind(made, MergePromotion)


def test_where_the_stage_says_so_or_people_merge_protection_is_no_gate() -> None:
    bare = replace(OPEN, base=Base("main", TIP))
    said = planned(bare, A, B, of=replace(AUTO, unprotected=True))
    assert of_kind(said, MergePromotion)
    by_hand = planned(bare, A, B, of=stage("dev"))
    for made in (said, by_hand):
        assert "protection" not in {one.name for one in made.gates}
