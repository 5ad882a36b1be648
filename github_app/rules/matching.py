"""Which freight a line follows that takes what its one upstream holds. Pure.

Kargo's MatchUpstream: the candidate is what is in the upstream now, so that a rollback there is
followed, too (https://docs.kargo.io/user-guide/how-to-guides/working-with-stages).
"""

from __future__ import annotations

from github_app.rules.adoption import adopted_freight
from github_app.rules.availability import Pending, Rules
from github_app.rules.overview import upstreams_of
from plugin import holding as holdings
from plugin.freight import Freight, FreightId, alias_of
from plugin.pipeline import Line, Stage
from plugin.stage_policy import Select


def follows(line: Line) -> bool:
    """Whether the line takes what its upstream holds, and nothing else."""
    return line.select is Select.MATCH_UPSTREAM


def followed(rules: Rules, line: Line) -> Freight | None:
    """What the line's upstream holds now; None where nobody can say."""
    stage = _holder(rules, line)
    picture = rules.picture.lines.get((stage.name, line.warehouse)) if stage else None
    match picture.holding if picture else None:
        case holdings.Managed(record):
            return None if record.freight.towards else record.freight
        case holdings.Adopted() as adopted:
            return adopted_freight(adopted, rules.picture.ledger.seen(line.warehouse))
        case _:
            return None


def passed_by(rules: Rules, line: Line, freight: FreightId) -> Pending | None:
    """Why the line does not take `freight`, which its upstream does not hold any more, or yet."""
    if not follows(line):
        return None
    held = followed(rules, line)
    if held is not None and held.id == freight:
        return None
    stage = _holder(rules, line)
    where = stage.name if stage else "its upstream"
    holds = held.alias if held else "nothing that is known"
    return Pending(f"{where} holds {holds} now, and not {alias_of(freight)}")


def _holder(rules: Rules, line: Line) -> Stage | None:
    """The one stage with a place that the line comes from; the reader has made sure of it."""
    for one in upstreams_of(line):
        stage = rules.overview.stage(one.stage)
        if stage.place is not None:
            return stage
        through = stage.line(line.warehouse)
        return _holder(rules, through) if through else None
    return None
