"""How stages of a line stand to one freight: hold it, soak it, wait, passed it on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from github_app.body.subject import Position, Stand
from github_app.rules.availability import Pending
from github_app.rules.line_rules import LineRules
from github_app.rules.neighbours import rules_at
from github_app.rules.verification import Disproved
from plugin.freight import FreightId
from plugin.pipeline import Stage


def positions(
    rules: LineRules, freight: FreightId, stages: Iterable[Stage]
) -> Mapping[str, Position]:
    """The position of `freight` in each of these stages that has a place and something to say."""
    found = {}
    for stage in stages:
        mine = rules_at(rules, stage) if stage.place is not None else None
        position = _position(mine, freight) if mine else None
        # Where it goes back to, what it was before says nothing.
        back = stage.name == rules.stage.name and position == Position(Stand.PASSED)
        if position is not None and not back:
            found[stage.name] = position
    return found


def _position(rules: LineRules, freight: FreightId) -> Position | None:
    if rules.current == freight:
        return _holding(rules, freight)
    if rules.rules.stays(rules.stage.name, rules.line.warehouse, freight):
        return Position(Stand.PASSED)
    if rules.stopped():
        return Position(Stand.HELD)
    match rules.standing(freight):
        case Pending(until=until):
            return Position(Stand.WAITS, until)
        case _:
            return None


def _holding(rules: LineRules, freight: FreightId) -> Position:
    name, warehouse = rules.stage.name, rules.line.warehouse
    if rules.on_hold():
        return Position(Stand.HELD)
    if isinstance(rules.rules.verdict(rules.stage, warehouse), Disproved):
        return Position(Stand.FAILED)
    wanted = rules.rules.overview.wanted_soak(name, warehouse)
    since = rules.rules.held_since(name, warehouse, freight)
    if since is not None and rules.rules.soaked(name, warehouse, freight) < wanted:
        return Position(Stand.SOAKS, since + wanted)
    return Position(Stand.HOLDS)
