"""Whose approvals count for a promotion, how long, and when they are enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.gates import GateState
from github_app.notes import Reviewed, StageNotes
from github_app.picture import Head, Person
from github_app.pulls import Review
from github_app.rules.reviews import (
    Content,
    Standards,
    content_of,
    counted_of,
    newly_given,
    reviews_gate,
)
from plugin.stage_policy import Reviews
from tests.github_app.shop import A, B, at, pull

OLD, NEW = "0" * 40, "1" * 40
PULL = replace(pull("prod"), head_oid=NEW)
OWNERS = "/stages/prod/ @Boss @acme/Sre\n/stages/prod/secret.yaml @acme/security\n"
HERE = "stages/prod/kustomization.yaml"


def review(
    author: str, oid: str = NEW, *, approved: bool = True, may_push: bool = True, teams: str = ""
) -> Review:
    return Review(f"PRR_{author}", author, approved, oid, at(0), may_push, tuple(teams.split()))


def standards(
    count: int = 1, teams: str = "", *, codeowners: bool = False, files: str = HERE
) -> Standards:
    wanted = Reviews(count, tuple(teams.split()), codeowners)
    return Standards(wanted, "acme", files.split(), OWNERS, frozenset({"asker"}))


def stands(by: Standards, *reviews: Review, given: str = "") -> tuple[GateState, str]:
    gate = reviews_gate(by, replace(PULL, reviews=reviews), frozenset(given.split()))
    assert gate is not None
    return gate.state, gate.text


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (review("ann"), True),
        (review("ann", may_push=False), False),
        (review("ann", approved=False), False),
        (review("ann", oid=OLD), False),
        # Whoever asked for the promotion does not approve it, however the login is written.
        (review("asker"), False),
        (review("Asker"), False),
    ],
)
def test_whose_approval_counts(one: Review, counts: bool) -> None:
    found = counted_of(standards(), replace(PULL, reviews=(one,)), frozenset())
    assert bool(list(found)) is counts


def test_before_there_is_a_pull_request_nobody_has_approved() -> None:
    gate = reviews_gate(standards(2), None, frozenset())
    assert gate is not None
    assert gate.text == "0 of 2 approvals; still needed: 2 more approvals"
    assert gate.state is GateState.FAILED


def test_a_quorum() -> None:
    assert stands(standards(2), review("ann")) == (
        GateState.FAILED,
        "1 of 2 approvals, by ann; still needed: one more approval",
    )
    passed = stands(standards(2), review("ann"), review("bob"))
    assert passed == (GateState.PASSED, "2 of 2 approvals, by ann, bob")


def test_of_every_team_somebody_must_approve() -> None:
    by = standards(1, "sre other/Security")
    state, text = stands(by, review("ann"))
    assert state is GateState.FAILED
    assert text.endswith("still needed: somebody of acme/sre, somebody of other/security")
    sre = review("bob", may_push=False, teams="acme/sre")
    security = review("cal", teams="Other/Security")
    assert stands(by, sre, security)[0] is GateState.PASSED


def test_teams_and_permissions_of_people_that_were_asked_for_count_as_well() -> None:
    known = {"bob": Person("Bob", "write", frozenset({"acme/sre"}))}
    by = replace(standards(1, "sre"), people=known)
    assert stands(by, review("Bob", may_push=False))[0] is GateState.PASSED


def test_who_has_left_every_team_speaks_for_none() -> None:
    by = standards(1, "sre")
    asked = review("bob", may_push=False, teams="acme/sre")
    assert stands(by, asked)[0] is GateState.PASSED
    gone = replace(by, people={"bob": Person("bob", "read")})
    assert stands(gone, asked)[0] is GateState.FAILED
    # A team that is part of another one speaks for that, too.
    below = replace(by, people={"bob": Person("bob", "read", frozenset({"acme/on-call"}))})
    assert stands(below, asked)[0] is GateState.PASSED


def test_each_part_of_the_files_needs_an_owner_who_may_write() -> None:
    by = standards(codeowners=True, files=f"{HERE} stages/prod/secret.yaml elsewhere.yaml")
    assert stands(by, review("boss"))[1].endswith("a code owner (acme/security)")
    assert stands(by, review("ann"))[1].endswith(
        "a code owner (boss, acme/sre), a code owner (acme/security)"
    )
    both = review("boss"), review("ann", teams="acme/security")
    assert stands(by, *both)[0] is GateState.PASSED
    outside = review("boss"), review("eve", teams="acme/security", may_push=False)
    assert stands(by, *outside)[0] is GateState.FAILED


def test_who_may_push_can_stop_it_even_where_no_review_is_asked_for() -> None:
    none = standards(0)
    assert reviews_gate(none, PULL, frozenset()) is None
    against = review("bob", OLD, approved=False)
    assert stands(none, against) == (GateState.FAILED, "bob asked for changes")
    assert stands(standards(), review("ann"), against)[0] is GateState.FAILED
    stranger = review("eve", approved=False, may_push=False)
    assert stands(standards(), review("ann"), stranger)[0] is GateState.PASSED


def test_an_approval_counts_on_while_freight_and_result_are_the_same() -> None:
    files = {HERE: "newTag: 1.0.0"}
    content = Content(A.id, content_of(files))
    head = Head(NEW, OLD, A, files, ours=True)
    reviewed = replace(PULL, reviews=(review("ann"),))
    given = tuple(newly_given(content, reviewed, head, StageNotes()))
    assert given == (Reviewed(A.id, content.result, "PRR_ann", "ann", at(0)),)
    notes = StageNotes(reviewed=given)
    assert tuple(newly_given(content, reviewed, head, notes)) == ()
    moved = replace(PULL, head_oid="2" * 40, reviews=(review("ann"),))
    for now, counts in [
        (content, True),
        (Content(B.id, content.result), False),
        (Content(A.id, content_of({HERE: "newTag: 1.0.1"})), False),
    ]:
        assert bool(list(counted_of(standards(), moved, now.given(notes)))) is counts


def test_what_is_not_our_own_head_is_not_remembered_as_reviewed() -> None:
    content = Content(A.id, "files:x")
    reviewed = replace(PULL, reviews=(review("ann"), review("bob", OLD)))
    theirs = Head(NEW, OLD, A, {}, ours=False, who="eve")
    assert not list(newly_given(content, reviewed, theirs, StageNotes()))
    late = Head(OLD, OLD, A, {}, ours=True)
    assert not list(newly_given(content, reviewed, late, StageNotes()))


def test_no_two_results_have_one_hash() -> None:
    results: list[dict[str, str | None]] = [
        {},
        {"a": None},
        {"a": ""},
        {"a": "-"},
        {"a": "b"},
        {"a": "", "b": ""},
    ]
    assert len({content_of(one) for one in results}) == len(results)
