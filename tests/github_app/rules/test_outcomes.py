"""What is said on a pull request once it is known what became of it, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.actions import Say
from github_app.notes import Asked, Note, StageNotes, Way
from github_app.picture import LinePicture, Stay
from github_app.pulls import PullState
from github_app.rules.outcomes import Outcome
from github_app.rules.verifying import READ_BACK
from plugin.holding import Unmanaged
from plugin.verification import CheckSucceeds
from tests.github_app.shop import (
    A,
    B,
    after,
    at,
    ledger,
    line,
    project,
    pull,
    repository,
    shown,
    stage,
)

DEV = replace(stage("dev"), verify=(CheckSucceeds("smoke"),))
SHOP = project(DEV, stage("staging", after("dev")), stage("prod", after("staging")))
PAGE = "https://github.com/acme/shop"
PROOF = Note(B.id, at(55), "check smoke", "succeeded on b")
FAILURE = Note(B.id, at(55), "towline", "check smoke")
MERGED = replace(pull("dev", number=7), state=PullState.MERGED, merge_commit="b" * 40)
DEV_LINE = replace(
    line("dev", B, previous=A),
    stays=(Stay(A.id, at(0), "a" * 40, at(50)), Stay(B.id, at(50), "b" * 40)),
    last=MERGED,
    brought=MERGED,
)


def said(
    notes: StageNotes,
    *news: Note,
    ends: bool = False,
    seen: LinePicture = DEV_LINE,
    others: tuple[LinePicture, ...] = (),
) -> list[str]:
    picture = shown(SHOP, [seen, *others], ledger(A, B, dev=notes), B)
    around = repository(picture)
    outcome = Outcome(picture, DEV, seen, notes, around, at(60), frozenset(news), ends)
    found: list[Say] = list(outcome.actions())
    assert all(one.pull == "PR_7" for one in found)
    return [one.body for one in found]


def test_what_was_verified_says_by_what_since_when_and_where_it_goes() -> None:
    (text,) = said(StageNotes(verified=(PROOF,)), PROOF)
    assert text == (
        "**Verified in dev** at 2026-01-01T00:55:00Z by check smoke; "
        f"{B.alias} is here since 2026-01-01T00:50:00Z.\n"
        f"Next: [staging]({PAGE}/pulls?q=is%3Apr+head%3Atowline/shop/staging/web)."
    )


def test_the_next_pull_request_is_named_where_it_is_open() -> None:
    waiting = replace(line("staging", A), open=pull("staging", number=8))
    (text,) = said(StageNotes(verified=(PROOF,)), PROOF, others=(waiting,))
    assert "[staging](https://github.com/acme/shop/pull/8)" in text


@pytest.mark.parametrize("notes", [StageNotes(verified=(PROOF,)), StageNotes(failed=(FAILURE,))])
def test_it_is_said_by_the_round_that_learns_of_it_or_ends_the_deployment(
    notes: StageNotes,
) -> None:
    note = next(iter((*notes.verified, *notes.failed)))
    assert len(said(notes, note)) == 1
    assert len(said(notes, ends=True)) == 1
    assert said(notes) == []


def test_a_failure_says_what_and_that_a_success_mends_it() -> None:
    (text,) = said(StageNotes(failed=(FAILURE,)), FAILURE)
    assert text.startswith("**Failed in dev** at 2026-01-01T00:55:00Z: check smoke.")
    assert "Once the same is reported as a success" in text
    assert "taken back" not in text


def test_a_failure_that_is_taken_back_says_where_to() -> None:
    asked = Asked("web", A.id, FAILURE.at, "towline", "check smoke failed", Way.ROLLBACK)
    (text,) = said(StageNotes(failed=(FAILURE,), asked=(asked,)), FAILURE)
    assert f"[taken back to {A.alias}]({PAGE}/pulls?q=is%3Apr+head%3Atowline/shop/dev/web)" in text
    assert "`/towline resume`" in text


def test_freight_that_was_verified_at_an_earlier_stay_is_not_told_of_again() -> None:
    early = replace(PROOF, at=at(20))
    assert said(StageNotes(verified=(early,)), ends=True) == []


def test_what_differs_is_said_with_its_reasons() -> None:
    note = Note(B.id, at(60), READ_BACK, "web.yaml: 9.9.9")
    seen = replace(DEV_LINE, holding=Unmanaged(None, (), ("web.yaml: 9.9.9",)))
    (text,) = said(StageNotes(failed=(note,)), note, seen=seen)
    assert text.startswith("**dev does not hold what this promotion said**: web.yaml: 9.9.9")
    assert said(StageNotes(failed=(note,)), seen=seen) == []


def test_what_nobody_promoted_is_told_to_nobody() -> None:
    assert said(StageNotes(verified=(PROOF,)), PROOF, seen=replace(DEV_LINE, brought=None)) == []
