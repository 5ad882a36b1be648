"""What the stages of a pull request's lines hold and what they wait for, as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from github_app.commands.wish import Obeyed, Wish
from github_app.gates import GateState
from github_app.ledger_times import time_text
from github_app.markdown import code, plain, shortened
from github_app.rules.decision import Blocked, Decision, Held, Promote, Unread, UpToDate, Waiting
from github_app.rules.line_rules import LineRules
from github_app.rules.proposals import LinePlanner
from plugin.freight import alias_of
from plugin.pipeline import Stage

MOST_STAGES = 60
_MOST_WORDS = 300


def status(wish: Wish) -> Obeyed:
    """A table for each warehouse of the pull request, upstream stages first."""
    wish.allow(wish.stage)
    return Obeyed(
        wish.ledger, "\n" + "\n\n".join(_table(wish, one.warehouse) for one in wish.lines)
    )


def _table(wish: Wish, warehouse: str) -> str:
    stages = [one for one in wish.project.project.stages if one.line(warehouse)]
    rows = [f"| {code(warehouse)} in | holds | next |", "|---|---|---|"]
    rows += [_row(wish, warehouse, one) for one in stages[:MOST_STAGES]]
    if len(stages) > MOST_STAGES:
        rows.append(f"| and {len(stages) - MOST_STAGES} more | | |")
    return "\n".join(rows)


def _row(wish: Wish, warehouse: str, stage: Stage) -> str:
    if stage.place is None:
        return f"| {code(stage.name)} | joins others | |"
    rules = wish.rules(stage, warehouse)
    following = shortened("; ".join(_next(rules, wish)), _MOST_WORDS)
    return f"| {code(stage.name)} | {plain(_holds(rules))} | {plain(following)} |"


def _holds(rules: LineRules) -> str:
    if rules.current is None:
        return "nothing that is known"
    seen = rules.rules.picture.ledger.find(rules.line.warehouse, rules.current)
    tags = f" ({seen.freight.tags()})" if seen else ""
    if rules.on_its_way and rules.aim is not None:
        tags = f", a step to {alias_of(rules.aim)},"
    name, warehouse = rules.stage.name, rules.line.warehouse
    since = rules.rules.held_since(name, warehouse, rules.current)
    return f"{alias_of(rules.current)}{tags}" + (f" since {time_text(since)}" if since else "")


def _next(rules: LineRules, wish: Wish) -> Iterator[str]:
    decision = rules.decision()
    pull = rules.picture.open
    if pull is not None:
        around = wish.repository.where(rules.stage)
        gates, _ = LinePlanner(rules, decision, around).planned()
        shut = [one.name for one in gates if one.state is not GateState.PASSED]
        waits = f"waits for {', '.join(shut)}" if shut else "is ready"
        yield f"pull request {pull.number} {waits}"
    yield from _words(decision)


def _words(decision: Decision) -> Iterator[str]:
    match decision:
        case Promote(freight):
            yield f"{freight.alias} is proposed"
        case UpToDate(later=later):
            yield later.reason if later else "up to date"
        case Waiting(pending):
            yield pending.reason
        case Held(reason):
            yield reason
        case Blocked(reasons):
            yield from reasons
        case Unread():
            yield "its sources are being read"
        case _:
            assert_never(decision)
