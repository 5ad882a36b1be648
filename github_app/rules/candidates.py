"""Which freight a line may take next, the best first, whatever stands in its way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from github_app.rules.asking import UPSTREAM
from github_app.rules.availability import Rules
from github_app.rules.matching import followed, follows
from github_app.rules.overview import UNKNOWN
from plugin.freight import Freight, FreightId
from plugin.pipeline import Line, Stage


def candidates(
    rules: Rules, stage: Stage, line: Line, held: tuple[FreightId | None, int]
) -> Iterator[Freight]:
    """Freight that became the newest after what is `held`, at its place, the newest first.

    Without what cannot have passed the upstreams, but for the very newest: people ask for it.
    A line that follows its upstream goes where that goes, back as well.
    """
    current, floor = held
    if follows(line):
        ahead = followed(rules, line)
        return iter(() if ahead is None or ahead.id == current else (ahead,))
    seen = rules.picture.ledger.seen(line.warehouse)
    newest = len(seen) - 1
    possible = rules.may_have_passed(stage, line)
    places: Iterable[int] = range(newest, UNKNOWN, -1)
    if possible is not None:
        let = _let_in(rules, stage)
        orders = (rules.overview.order(line.warehouse, one) for one in possible | let)
        places = sorted({newest, *orders}, reverse=True)
    return (seen[place].freight for place in places if place > floor)


def is_ahead(
    rules: Rules, line: Line, freight: FreightId, held: tuple[FreightId | None, int]
) -> bool:
    """Whether `freight` became the newest after what is `held`, at its place, did.

    A line that follows its upstream has something before it while the two differ.
    """
    current, floor = held
    if follows(line):
        ahead = followed(rules, line)
        return ahead is None or ahead.id != current
    return rules.overview.order(line.warehouse, freight) > floor


def _let_in(rules: Rules, stage: Stage) -> frozenset[FreightId]:
    """What somebody lets pass the upstreams."""
    notes = rules.picture.ledger.notes(stage.name).overridden
    return frozenset(one.freight for one in notes if one.gate == UPSTREAM)
