"""The rules of other stages of a line, seen from one of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from github_app.rules.line_rules import LineRules
from github_app.rules.overview import upstreams_of
from plugin.pipeline import Line, Stage


def rules_at(rules: LineRules, stage: Stage) -> LineRules | None:
    """The rules of the same warehouse's line in `stage`; None where it has no such line."""
    line = stage.line(rules.line.warehouse)
    if line is None or (stage.name, line.warehouse) not in rules.rules.picture.lines:
        return None
    return LineRules.of(rules.rules, stage, line, rules.repository)


def upstream_rules(rules: LineRules) -> Iterator[LineRules]:
    """The stages a line comes from; control-flow stages stand for theirs."""
    return _upstreams(rules, rules.line)


def _upstreams(rules: LineRules, line: Line) -> Iterator[LineRules]:
    for one in upstreams_of(line):
        stage = rules.rules.overview.stage(one.stage)
        mine, found = stage.line(line.warehouse), rules_at(rules, stage)
        if mine and stage.place is None:
            yield from _upstreams(rules, mine)
        elif found:
            yield found
