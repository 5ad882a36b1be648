"""What Argo CD says counts for a commit that contains the merge and that the branch has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from github_app.argocd.hearing import Applications, Heard, Hearing
from github_app.events import ApplicationReported
from github_app.ledger import Ledger
from github_app.notes import Note, Reported, StageNotes
from github_app.picture import Base, Stay
from github_app.ports import Objects
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.reports import with_reports
from plugin.verification import ArgocdSucceeds
from tests.github_app.shop import A, at, ledger, line, project, stage

# A straight history: before, the merge, after, the tip; and a commit on another branch.
BEFORE, MERGE, AFTER, TIP, ASIDE = ("0" * 40, "1" * 40, "2" * 40, "3" * 40, "9" * 40)
HISTORY = [BEFORE, MERGE, AFTER, TIP]
DEV = project(replace(stage("dev"), verify=(ArgocdSucceeds("shop-dev"),)))
LINE = replace(
    line("dev", A), base=Base("main", TIP), stays=(Stay(A.id, at(10), MERGE),), results=()
)
NOW = at(60)


class History:
    """Commits of one branch, and one aside that came from its tip."""

    def has(self, oid: str) -> bool:
        return oid in {*HISTORY, ASIDE}

    def merge_base(self, one: str, other: str) -> str | None:
        places = [HISTORY.index(TIP if oid == ASIDE else oid) for oid in (one, other)]
        return HISTORY[min(places)]


@dataclass
class Asked:
    """An Argo CD that can be asked."""

    answer: ApplicationReported | None
    names: list[str]

    def report(self, application: str) -> ApplicationReported | None:
        self.names.append(application)
        return self.answer


def report(*revisions: str, state: str = "success", when: str = "") -> ApplicationReported:
    return ApplicationReported("acme/shop", "shop-dev", revisions, state, "Synced, Healthy", when)


def heard(
    told: Sequence[ApplicationReported] = (),
    applications: Applications | None = None,
    book: Ledger | None = None,
) -> Heard:
    objects = cast(Objects, cast(Any, History()))
    hearing = Hearing(objects, told, applications, NOW)
    return hearing.heard(DEV, {("dev", "web"): LINE}, book or ledger(A))


def results(of: Heard) -> list[tuple[str, ResultState]]:
    found: tuple[Result, ...] = of.lines["dev", "web"].results
    assert all(one.kind is ResultKind.ARGOCD for one in found)
    return [(one.name, one.state) for one in found]


@pytest.mark.parametrize(
    ("revision", "counts"),
    [(BEFORE, False), (MERGE, True), (AFTER, True), (TIP, True), (ASIDE, False), ("f" * 40, False)],
)
def test_only_commits_of_the_branch_that_contain_the_merge_count(
    revision: str, counts: bool
) -> None:
    expected = [("shop-dev", ResultState.SUCCESS)] if counts else []
    assert results(heard([report(revision)])) == expected


def test_the_newest_word_counts_and_is_kept() -> None:
    first = report(MERGE, when="2026-01-01T00:20:00Z")
    last = report(TIP, state="failure", when="2026-01-01T00:30:00Z")
    found = heard([last, first])
    assert results(found) == [("shop-dev", ResultState.FAILURE)]
    notes = with_reports(StageNotes(), found.reported["dev"])
    assert [(one.revision, one.at) for one in notes.reported] == [(TIP, at(30))]
    assert with_reports(notes, found.reported["dev"]) == notes


def test_the_same_again_is_no_news() -> None:
    notes = with_reports(StageNotes(), heard([report(MERGE)]).reported["dev"])
    again = replace(notes.reported[0], at=at(90))
    assert with_reports(notes, [again]) == notes


def test_what_the_ledger_remembers_counts() -> None:
    known = Reported("shop-dev", MERGE, "success", at(20), "Synced, Healthy")
    book = ledger(A, dev=StageNotes(reported=(known,)))
    assert results(heard(book=book)) == [("shop-dev", ResultState.SUCCESS)]


def test_of_several_sources_ours_counts() -> None:
    assert results(heard([report("f" * 40, MERGE)])) == [("shop-dev", ResultState.SUCCESS)]


@pytest.mark.parametrize("when", ["2999-01-01T00:00:00Z", "yesterday", "2026-01-01T00:30:00"])
def test_a_strange_time_is_now(when: str) -> None:
    (found,) = heard([report(MERGE, when=when)]).reported["dev"]
    assert found.at == NOW


def test_another_application_is_nothing_to_the_stage() -> None:
    other = replace(report(MERGE), application="shop-prod")
    found = heard([other])
    assert (results(found), found.reported) == ([], {})


def test_who_can_be_asked_is_believed_instead_and_asked_again() -> None:
    argocd = Asked(report(MERGE, state="pending"), [])
    found = heard([report(MERGE)], argocd)
    assert results(found) == [("shop-dev", ResultState.PENDING)]
    assert (found.reported, found.polled, argocd.names) == ({}, True, ["shop-dev"])


def test_what_is_verified_costs_nothing() -> None:
    proof = Note(A.id, at(20), "Argo CD's shop-dev", "")
    book = ledger(A, dev=StageNotes(verified=(proof,)))
    argocd = Asked(report(MERGE), [])
    found = heard((), argocd, book)
    assert (results(found), found.polled, argocd.names) == ([], False, [])
