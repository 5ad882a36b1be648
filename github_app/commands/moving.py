"""Commands that move freight: promote, rollback, hotfix. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from github_app.commands.verbs import WORD, Verb
from github_app.commands.wish import Obeyed, Wish, each
from github_app.notes import Asked, LineNote, StageNotes, Way
from github_app.rules.asking import standing_hold, with_asked, with_hold, with_resumed
from github_app.rules.decision import Blocked, Decision, Held, Promote, Unread, UpToDate, Waiting
from github_app.rules.line_rules import LineRules
from github_app.rules.overview import upstreams_of
from plugin import holding as holdings
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId, alias_of
from plugin.pipeline import Line, Stage


def promote(wish: Wish) -> Obeyed:
    """Freight for a stage, or for every stage after the pull request's.

    Freight that is not the stage's own candidate puts the stage on hold, so that the candidate does
    not displace it at once; the candidate itself lifts a hold (Kargo's auto-promotion holds,
    https://docs.kargo.io/user-guide/how-to-guides/working-with-stages).
    """
    stages = _downstream(wish) if wish.command.downstream else [wish.target()]
    places = [(stage, freight) for freight in wish.chosen() for stage in stages]
    return each(wish, places, _promoted)


def _downstream(wish: Wish) -> list[Stage]:
    """The stages with a place that come after the pull request's, directly or not."""
    reached = {wish.stage.name}
    for stage in wish.project.project.stages:
        before = {one.stage for line in stage.lines for one in upstreams_of(line)}
        if not reached.isdisjoint(before):
            reached.add(stage.name)
    after = [
        one
        for one in wish.project.project.stages
        if one.name in reached and one.place is not None and one != wish.stage
    ]
    if not after:
        raise Refusal(f"no stage comes after {wish.stage.name}")
    return after


def _promoted(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
    wish.allow(stage, Verb.PROMOTE)
    rules = wish.rules(stage, freight.warehouse)
    _refuse_needless(rules, freight)
    hold = "" if rules.is_candidate(freight.id) else f"{freight.alias} was promoted out of its turn"
    return _asked(wish, rules, freight, Way.PROMOTE, hold)


def rollback(wish: Wish) -> Obeyed:
    """What each of the pull request's lines held before, or freight of this name if it was there.

    It needs nobody upstream, for it was in the stage; and the stage is held afterwards.
    """
    wish.allow(wish.stage)
    named = wish.named() if wish.command.freight else ()
    warehouses = [one.warehouse for one in named] or [one.warehouse for one in wish.lines]
    back = [
        named[0] if named else _before(wish, wish.rules(wish.stage, name)) for name in warehouses
    ]
    return each(wish, ((wish.stage, one) for one in back), _rolled_back)


def _rolled_back(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
    rules = wish.rules(stage, freight.warehouse)
    _refuse_needless(rules, freight)
    if not rules.rules.stays(stage.name, freight.warehouse, freight.id):
        raise Refusal(f"{freight.alias} never was in {stage.name}")
    return _asked(wish, rules, freight, Way.ROLLBACK, f"rolled back to {freight.alias}")


def _before(wish: Wish, rules: LineRules) -> Freight:
    """What the line held before what it holds now."""
    previous = _previous(rules)
    seen = wish.ledger.find(rules.line.warehouse, previous) if previous else None
    if seen is None:
        gone = f"{alias_of(previous)} is not remembered" if previous else "nothing is known"
        raise Refusal(f"{gone} that {rules.stage.name} held before; name freight")
    return seen.freight


def _previous(rules: LineRules) -> FreightId | None:
    """The freight, and no step of it, that the line held before."""
    stays = rules.rules.all_stays(rules.stage.name, rules.line.warehouse)
    steps = {one.freight for one in stays if one.towards is not None}
    match rules.picture.holding:
        case holdings.Managed(record) if record.previous not in steps | {None}:
            return record.previous
        case _:
            whole = (one.freight for one in reversed(stays) if one.freight not in steps)
            return next((one for one in whole if one != rules.current), None)


def hotfix(wish: Wish) -> Obeyed:
    """Freight for a stage past all its upstreams, which get it afterwards, each in its turn."""
    stage = wish.target()
    wish.allow(stage)
    return each(wish, ((stage, freight) for freight in wish.chosen()), _hotfixed)


def _hotfixed(wish: Wish, stage: Stage, freight: Freight) -> Obeyed:
    rules = wish.rules(stage, freight.warehouse)
    _refuse_needless(rules, freight)
    obeyed = _asked(wish, rules, freight, Way.HOTFIX, f"hotfix {freight.alias}")
    said = [obeyed.words]
    for upstream in dict.fromkeys(_upstreams(wish, rules.line)):
        before = wish.rules(wish.project.project.stage(upstream), freight.warehouse)
        if before.order(freight.id) <= before.floor:
            said.append(f"{upstream} holds {_held(before)}, which is not older, and keeps it")
            continue
        try:
            filled = _promoted(wish.standing_on(obeyed.ledger), before.stage, freight)
        except Refusal as refusal:
            said.append(str(refusal))
        else:
            obeyed = filled
            said.append(filled.words)
    return Obeyed(obeyed.ledger, "; ".join(said))


def _held(rules: LineRules) -> str:
    return alias_of(rules.current) if rules.current else "nothing"


def _upstreams(wish: Wish, line: Line) -> Iterator[str]:
    """Every stage with a place that the line's freight comes through, the nearest first."""
    for one in upstreams_of(line):
        stage = wish.project.project.stage(one.stage)
        if stage.place is not None:
            yield stage.name
        further = stage.line(line.warehouse)
        if further is not None:
            yield from _upstreams(wish, further)


def _refuse_needless(rules: LineRules, freight: Freight) -> None:
    """Refuses what the stage holds already, and what somebody keeps out of it."""
    name = rules.stage.name
    if rules.current == freight.id:
        raise Refusal(f"{name} holds {freight.alias} already")
    no = rules.forbidden(freight.id)
    if no is not None:
        back = f"'{WORD} retry' on its pull request takes that back"
        raise Refusal(f"{freight.alias} was rejected for {name} by {no.who}: {no.why}; {back}")


def _asked(wish: Wish, rules: LineRules, freight: Freight, way: Way, hold: str) -> Obeyed:
    """The ledger after freight was chosen, and the stage held for the reason `hold`, if any."""
    stage = rules.stage
    ledger = wish.ledger.with_notes(stage.name, _chosen(wish, stage, freight, way, hold))
    after = wish.standing_on(ledger).rules(rules.stage, freight.warehouse)
    words = _becomes(freight, rules.stage.name, after.decision())
    until = f"until '{WORD} resume'"
    held = f", and {rules.stage.name} is held {until}: {hold}" if hold else ""
    return Obeyed(ledger, words + held)


def _chosen(wish: Wish, stage: Stage, freight: Freight, way: Way, hold: str) -> StageNotes:
    """Who chooses freight goes on before the hold that comes with it, and after what is lifted.

    What was chosen goes past a hold; who may not resume the stage leaves it there for the rest.
    """
    notes = wish.ledger.notes(stage.name)
    warehouse, who, at = freight.warehouse, wish.actor.login, wish.at
    if hold:
        notes = with_hold(notes, LineNote(warehouse, at, who, hold))
        at = max(at, notes.held[-1].at)
    elif (standing := standing_hold(notes, warehouse)) and not wish.may(stage, Verb.RESUME):
        at = max(at, standing.at)
    elif standing:
        notes = with_resumed(notes, LineNote(warehouse, at, who, f"{freight.alias} was promoted"))
        at = max(at, notes.resumed[-1].at)
    return with_asked(notes, Asked(warehouse, freight.id, at, who, wish.why, way))


def _becomes(freight: Freight, stage: str, decision: Decision) -> str:
    match decision:
        case Promote() | Unread():
            return f"{freight.alias} is proposed for {stage}"
        case UpToDate():
            return f"{stage} holds {freight.alias}"
        case Waiting(pending):
            return f"{freight.alias} for {stage} waits: {pending.reason}"
        case Held(reason):
            return f"{freight.alias} for {stage} is stopped: {reason}"
        case Blocked(reasons):
            return f"{freight.alias} cannot come to {stage}: {'; '.join(reasons)}"
        case _:
            assert_never(decision)
