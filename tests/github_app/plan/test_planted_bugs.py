"""The net catches fish: each rule, planted wrong, breaks an invariant within a few histories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from github_app import plan
from github_app.actions import Action, ClosePromotion, DescribePromotion
from github_app.arrivals import Arrivals, Posted, Settling
from github_app.commands import hearing, wish
from github_app.discovery import Discovered
from github_app.ledger import Ledger
from github_app.may import Permitted
from github_app.notes import StageNotes, bounded_notes
from github_app.picture import Head
from github_app.plan import Plan
from github_app.rules import (
    arrivals,
    ledger_write,
    line_rules,
    line_standing,
    news,
    stage_gates,
    stopping,
)
from github_app.rules.availability import Passed, Rules
from github_app.rules.decision import Held, UpToDate
from github_app.rules.line_rules import LineRules
from github_app.rules.overview import Overview
from github_app.rules.proposals import LinePlanner
from github_app.rules.reviews import Content
from github_app.rules.stage_gates import StageGates
from github_app.rules.verifying import Verifying
from plugin.freight import Freight
from plugin.holding import Unmanaged
from tests.github_app.plan.histories import history, play
from tests.github_app.plan.oracle import Violation
from tests.github_app.plan.remembered import remembered
from tests.github_app.shop import START

SEEDS = range(300)
Patch = pytest.MonkeyPatch
Bug = Callable[[Patch], None]


@pytest.fixture(autouse=True)
def _remembered() -> Iterator[None]:
    with remembered():
        yield


def newest_by_name(patch: Patch) -> None:
    right = Overview.of

    def by_name(project: Any, ledger: Ledger) -> Overview:
        sorted_by_tag = {
            name: tuple(sorted(seen, key=lambda one: one.freight.tags()))
            for name, seen in ledger.warehouses.items()
        }
        return right(project, Ledger(sorted_by_tag, ledger.stages))

    patch.setattr(Overview, "of", by_name)


def soak_ignored(patch: Patch) -> None:
    patch.setattr(Rules, "soaked", lambda *_: timedelta(days=365))


def verification_ignored(patch: Patch) -> None:
    patch.setattr(Rules, "verified_at", lambda *_: START)


def one_upstream_is_enough(patch: Patch) -> None:
    def first(standings: Any, availability: Any) -> Any:
        return next((one for one in standings if isinstance(one, Passed)), standings[0])

    patch.setattr("github_app.rules.availability._combined", first)


def strangers_overwritten(patch: Patch) -> None:
    def foreign(self: LinePlanner, pull: Any, head: Head) -> Any:
        return self._with_pull(self.rules.picture.base, pull, head)  # type: ignore[arg-type]  # bug

    patch.setattr(LinePlanner, "_foreign", foreign)


def leftovers_overwritten(patch: Patch) -> None:
    patch.setattr(LinePlanner, "_may_overwrite", lambda *_: True)


def rejection_forgotten(patch: Patch) -> None:
    patch.setattr(LineRules, "is_rejected", lambda *_, **__: False)


def rewriting_insists(patch: Patch) -> None:
    right = LineRules.is_rejected

    def rejected(self: LineRules, freight: Any, *, itself: bool = False) -> bool:
        return not itself and right(self, freight)

    patch.setattr(LineRules, "is_rejected", rejected)


def rewriting_forgotten(patch: Patch) -> None:
    def written(self: LineRules, freight: Freight, later: Any) -> Any:
        return UpToDate(freight.id, later)

    patch.setattr(LineRules, "_written", written)


def own_closing_rejects(patch: Patch) -> None:
    def rejection(self: Any, notes: StageNotes) -> StageNotes:
        return notes

    patch.setattr(news._News, "_rejection", rejection)


def stages_go_back(patch: Patch) -> None:
    def all_of_them(self: LineRules) -> Iterator[Freight]:
        return (one.freight for one in reversed(self._seen()) if one.freight.id != self.current)

    patch.setattr(LineRules, "_newer", all_of_them)


def reverts_undone(patch: Patch) -> None:
    patch.setattr(line_standing, "taken_back", lambda *_: None)


def edits_overwritten(patch: Patch) -> None:
    right = LineRules.stopped

    def stopped(self: LineRules) -> Held | None:
        return None if isinstance(self.picture.holding, Unmanaged) else right(self)

    patch.setattr(LineRules, "stopped", stopped)


def holds_ignored(patch: Patch) -> None:
    patch.setattr(line_standing, "standing_hold", lambda *_: None)
    patch.setattr(stopping, "resumed_since", lambda *_: True)


def shadows_write(patch: Patch) -> None:
    def actions(self: Plan) -> tuple[Action, ...]:
        lines = [one for line in self.lines for one in line.actions]
        return (*((self.ledger,) if self.ledger else ()), *lines, *self.strays, *self.checks)

    patch.setattr(Plan, "actions", actions)


def text_always_written(patch: Patch) -> None:
    patch.setattr(
        LinePlanner, "described", lambda self, pull, text: [DescribePromotion(pull, text)]
    )


def base_ignored(patch: Patch) -> None:
    def right(self: LinePlanner, base: Any, pull: Any, head: Head, promote: Any) -> bool:
        return head.freight is not None and head.freight.id == promote.freight.id

    patch.setattr(LinePlanner, "_is_right", right)


def busy_stages_starve_others(patch: Patch) -> None:
    patch.setattr(line_rules, "still_soaking", lambda *_: None)


def pins_taken_back(patch: Patch) -> None:
    patch.setattr(line_rules, "downgrade", lambda *_: None)


def second_pull_request(patch: Patch) -> None:
    right = LinePlanner._stopped

    def stopped(self: LinePlanner, pull: Any, head: Head) -> Any:
        gates, _ = right(self, pull, head)
        return gates, (ClosePromotion(pull, "not now"),)

    patch.setattr(LinePlanner, "_stopped", stopped)


def newest_lost(patch: Patch) -> None:
    """Freight that goes back to an older tag is taken for old news."""
    right = Ledger.with_newest

    def first_time_only(self: Ledger, freight: Freight, at: datetime, facts: Any) -> Ledger:
        known = self.find(freight.warehouse, freight.id)
        return self if known else right(self, freight, at, facts)

    patch.setattr(Ledger, "with_newest", first_time_only)


def ledger_grows(patch: Patch) -> None:
    right = news.brought_up_to_date

    def every_round(picture: Any, now: datetime) -> Ledger:
        ledger = right(picture, now)
        seen = {
            name: (*found[:-1], replace(found[-1], newest_at=now))
            for name, found in ledger.warehouses.items()
        }
        return replace(ledger, warehouses=seen)

    patch.setattr(plan, "brought_up_to_date", every_round)


def settling_ignored(patch: Patch) -> None:
    patch.setattr(arrivals, "settled_at", lambda settling, _: settling.since)


def settling_starts_anew(patch: Patch) -> None:
    """Each look takes the set for a new one."""

    def settled(came: Any, warehouse: Any, newest: Any, ledger: Any, now: datetime) -> Any:
        if newest is None or not warehouse.settle:
            return came, newest
        return replace(came, settling=Settling(newest.freight, now, now)), None

    patch.setattr(arrivals, "_settled", settled)


def nobody_asked(patch: Patch) -> None:
    """A warehouse whose freight people assemble makes some by itself."""

    def offered(_warehouse: Any, _picture: Any, found: Any) -> Any:
        return found if isinstance(found, Discovered) else None

    patch.setattr(arrivals, "_newest", offered)


def posts_replayed(patch: Patch) -> None:
    def as_it_comes(came: Arrivals, post: Posted, _known: Any) -> Arrivals:
        return replace(came, posted=(*came.posted, post))

    patch.setattr(arrivals, "with_new_post", as_it_comes)


def nobody_takes_turns(patch: Patch) -> None:
    patch.setattr(line_standing, "rollout_gate", lambda *_, **__: None)


def windows_ignored(patch: Patch) -> None:
    patch.setattr(StageGates, "_window", lambda *_: None)


def reviews_ignored(patch: Patch) -> None:
    patch.setattr(stage_gates, "reviews_gate", lambda *_: None)


def stale_approvals_count(patch: Patch) -> None:
    def given(self: Content, notes: StageNotes) -> frozenset[str]:
        return frozenset(one.review for one in notes.reviewed)

    patch.setattr(Content, "given", given)
    patch.setattr(LinePlanner, "fallen", lambda *_: ())


def unprotected_branches_trusted(patch: Patch) -> None:
    patch.setattr(StageGates, "protection", lambda _: ())


def commands_obeyed_again(patch: Patch) -> None:
    patch.setattr(hearing, "answered", lambda *_: None)


def anybody_commands(patch: Patch) -> None:
    patch.setattr(wish, "may", lambda *_: Permitted())


def edited_words_count(patch: Patch) -> None:
    right = hearing.heard

    def heard(picture: Any, ledgers: Any, now: datetime) -> Any:
        said = [replace(one, said=replace(one.said, edited=False)) for one in picture.spoken]
        return right(replace(picture, spoken=tuple(said)), ledgers, now)

    patch.setattr(plan, "heard", heard)


def nobody_needs_to_ask(patch: Patch) -> None:
    patch.setattr(LineRules, "_unasked", lambda *_: None)


def rollbacks_unasked(patch: Patch) -> None:
    patch.setattr(Verifying, "_acts", lambda *_: True)


def wishes_never_end(patch: Patch) -> None:
    def active(notes: StageNotes, warehouse: str, _stays: Any, current: Any) -> Any:
        mine = [one for one in notes.asked if one.warehouse == warehouse]
        return mine[-1] if mine and mine[-1].freight != current else None

    patch.setattr(line_standing, "active_ask", active)


def holds_forgotten(patch: Patch) -> None:
    right = bounded_notes

    def bounded(notes: StageNotes, lines: int) -> StageNotes:
        return replace(right(notes, lines), held=())

    patch.setattr(ledger_write, "bounded_notes", bounded)


BUGS: tuple[Bug, ...] = (
    newest_by_name,
    soak_ignored,
    verification_ignored,
    one_upstream_is_enough,
    strangers_overwritten,
    leftovers_overwritten,
    rejection_forgotten,
    rewriting_insists,
    rewriting_forgotten,
    own_closing_rejects,
    stages_go_back,
    reverts_undone,
    edits_overwritten,
    holds_ignored,
    shadows_write,
    text_always_written,
    base_ignored,
    busy_stages_starve_others,
    pins_taken_back,
    second_pull_request,
    newest_lost,
    ledger_grows,
    settling_ignored,
    settling_starts_anew,
    nobody_asked,
    posts_replayed,
    nobody_takes_turns,
    windows_ignored,
    reviews_ignored,
    stale_approvals_count,
    unprotected_branches_trusted,
    commands_obeyed_again,
    anybody_commands,
    edited_words_count,
    nobody_needs_to_ask,
    rollbacks_unasked,
    wishes_never_end,
    holds_forgotten,
)


@pytest.mark.parametrize("bug", BUGS, ids=[bug.__name__ for bug in BUGS])
def test_a_planted_bug_is_found(bug: Bug) -> None:
    with pytest.MonkeyPatch.context() as patch:
        bug(patch)
        found = next((seed for seed in SEEDS if is_wrong(seed)), None)
    assert found is not None, f"{len(SEEDS)} histories did not find it"
    assert not is_wrong(found), "the history fails without the bug too"


def is_wrong(seed: int) -> bool:
    """Whether a history breaks an invariant."""
    try:
        play(history(seed))
    except Violation:
        return True
    return False
