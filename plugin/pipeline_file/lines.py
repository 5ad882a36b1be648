"""Declared stages -> the lines each takes: which warehouse's freight, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from plugin.pipeline import After, Availability, Direct, ExplicitPin, Line, Stage, Upstream
from plugin.pipeline_file import warehouses
from plugin.pipeline_file.feeds import Feed, Follows, Takes
from plugin.pipeline_file.fields import names
from plugin.pipeline_file.graph import Graph
from plugin.pipeline_file.holders import Holders
from plugin.pipeline_file.mistakes import Mistakes, similar
from plugin.pipeline_file.stage_pins import Known
from plugin.pipeline_file.stages import Declared
from plugin.stage_policy import Select


def with_lines(
    stages: dict[str, Declared], graph: Graph, named: warehouses.Declared, mistakes: Mistakes
) -> tuple[Stage, ...]:
    """The stages of `graph`'s order with their lines; mistakes where nothing would come."""
    resolver = _Resolver(stages, graph, named, mistakes)
    lines = {one: resolver.resolved(stages[one]) for one in graph.order}
    resolver.holders.refuse_unverified(mistakes)
    return tuple(
        replace(
            stages[one].stage,
            lines=found or (),
            pins=_pins(stages[one].stage, found or (), named, mistakes),
        )
        for one, found in lines.items()
    )


def _pins(
    stage: Stage, lines: Sequence[Line], named: warehouses.Declared, mistakes: Mistakes
) -> tuple[ExplicitPin, ...]:
    known = Known.by(lines, named.sound) if lines else None
    return known.resolved(stage.pins, mistakes) if known else stage.pins


class _Resolver:
    """Walks the stages upstream first; what a mistake hides is None and judged no further."""

    def __init__(
        self,
        stages: dict[str, Declared],
        graph: Graph,
        named: warehouses.Declared,
        mistakes: Mistakes,
    ) -> None:
        self.holders = Holders(stages)
        self._stages = stages
        self._graph = graph
        self._named = named
        self._mistakes = mistakes
        self._lines: dict[str, dict[str, Line] | None] = {}

    def resolved(self, stage: Declared) -> tuple[Line, ...] | None:
        before = len(self._mistakes)
        lines = self._lines_of(stage) if stage.sound and self._knows_upstreams(stage) else None
        if lines is None or len(self._mistakes) > before:
            self._lines[stage.name] = None
            return None
        self._lines[stage.name] = {line.warehouse: line for line in lines}
        for line in lines:
            self.holders.add(stage, line)
        return lines

    def _knows_upstreams(self, stage: Declared) -> bool:
        meant = [self._graph.upstreams[stage.name, one] for one in stage.follows]
        return all(
            upstreams and all(self._lines[one] is not None for one in upstreams)
            for upstreams in meant
        )

    def _takes_from(self, stage: str, warehouse: str) -> bool:
        return warehouse in (self._lines[stage] or {})

    def _lines_of(self, stage: Declared) -> tuple[Line, ...] | None:
        takes = self._inherited(stage) if stage.takes is None else stage.takes
        used: set[Follows] = set()
        lines = [self._line(stage, one, used) for one in takes if self._known(one)]
        sound = tuple(one for one in lines if one is not None)
        if len(sound) < len(takes):
            return None
        self._refuse_idle(stage, takes, used)
        return sound

    def _inherited(self, stage: Declared) -> tuple[Takes, ...]:
        upstreams = self._graph.of(stage.name, stage.feed.after or ())
        every = {warehouse for one, _ in upstreams for warehouse in self._lines[one] or {}}
        return tuple(Takes(stage.at, one) for one in self._named.named if one in every)

    def _known(self, takes: Takes) -> bool:
        if takes.warehouse in self._named.named or not self._named.complete:
            return takes.warehouse in self._named.named
        meant = similar(takes.warehouse, self._named.named)
        if takes.warehouse in self._stages:
            instead = f"it is a stage: write after: [{takes.warehouse}]"
        elif meant:
            instead = f"did you mean '{meant}'?"
        else:
            instead = "declare it under 'warehouses' at the top of the file"
        self._mistakes.add(takes.at, f"no warehouse is called '{takes.warehouse}'", instead)
        return False

    def _line(self, stage: Declared, takes: Takes, used: set[Follows]) -> Line | None:
        feed = takes.feed.over(stage.feed)
        if feed.direct or not feed.after:
            return self._direct(takes)
        sources = [
            (upstream, entry)
            for upstream, entry in self._graph.of(stage.name, feed.after)
            if self._takes_from(upstream, takes.warehouse)
        ]
        used.update(entry for _, entry in sources)
        # In a line's own `after` each name counts; a stage's `after` is shared by its lines.
        own = {one for one in takes.feed.after or () if not one.is_pattern}
        if not sources or not own.issubset(used):
            self._refuse_sourceless(takes, feed.after)
            return None
        upstreams = tuple(_upstream(one, entry, feed) for one, entry in sources)
        self._refuse_endless_soak(takes.warehouse, upstreams, [entry for _, entry in sources])
        if feed.select is Select.MATCH_UPSTREAM:
            self._refuse_matching_several(stage, takes, upstreams)
        source = After(upstreams, feed.availability or Availability.ONE)
        return Line(takes.warehouse, source, feed.select or Select.NEWEST)

    def _direct(self, takes: Takes) -> Line | None:
        own = takes.feed
        waits = {"soak": own.soak, "availability": own.availability, "select": own.select}
        said = next((key for key, value in waits.items() if value is not None), None)
        if said is None:
            return Line(takes.warehouse, Direct())
        self._mistakes.add(
            takes.at,
            f"'{said}' has nothing to wait for: '{takes.warehouse}' comes straight from its "
            "warehouse",
            f"add after: [another stage], or remove '{said}'",
        )
        return None

    def _refuse_sourceless(self, takes: Takes, after: Sequence[Follows]) -> None:
        lacking = [
            one.name
            for one in after
            if one.is_pattern or not self._takes_from(one.name, takes.warehouse)
        ]
        alone = len(lacking) == 1
        self._mistakes.add(
            takes.at,
            f"'{takes.warehouse}' never comes here: {names(lacking)} "
            f"{'does' if alone else 'do'} not take it",
            f"let {'it' if alone else 'one of them'} take '{takes.warehouse}', "
            f"or write warehouses: {{{takes.warehouse}: {{direct: true}}}}",
        )

    def _refuse_matching_several(
        self, stage: Declared, takes: Takes, upstreams: Sequence[Upstream]
    ) -> None:
        """Kargo asks for exactly one upstream; a control-flow stage stands for those it joins."""
        of = [self.holders.of(one.stage, takes.warehouse) for one in upstreams]
        holders = sorted(frozenset[str]().union(*of))
        if len(holders) == 1:
            return
        at = stage.positions["select"] if takes.feed.select is None else takes.at
        where = f"may come from {names(holders)}" if holders else "is held by no stage before it"
        self._mistakes.add(
            at,
            f"'select: match-upstream' follows what one stage holds, and '{takes.warehouse}' "
            f"{where}",
            "follow one stage, or remove 'select'",
        )

    def _refuse_endless_soak(
        self, warehouse: str, upstreams: Sequence[Upstream], entries: Sequence[Follows]
    ) -> None:
        for one, entry in zip(upstreams, entries, strict=True):
            if one.soak and not self.holders.of(one.stage, warehouse):
                self._mistakes.add(
                    entry.at,
                    f"freight never soaks behind '{one.stage}': "
                    "no stage before it has a path or a branch",
                    "remove 'soak', or give a stage before it a path",
                )

    def _refuse_idle(self, stage: Declared, takes: Sequence[Takes], used: set[Follows]) -> None:
        """A stage's `after`, `soak` or `availability` that no line uses is a gate nobody keeps."""
        for entry in stage.feed.after or ():
            if entry not in used:
                self._mistakes.add(
                    entry.at,
                    f"'{entry.name}' feeds nothing into '{stage.name}': it takes none of "
                    f"{names(one.warehouse for one in takes)}",
                    "take it out of 'after', or let it take one of them",
                )
        if stage.follows:
            return
        for key in ("soak", "availability", "select"):
            if key in stage.positions:
                self._mistakes.add(
                    stage.positions[key],
                    f"'{key}' has nothing to wait for: '{stage.name}' follows no stage",
                    f"add after: [another stage], or remove '{key}'",
                )


def _upstream(stage: str, entry: Follows, feed: Feed) -> Upstream:
    soak = entry.soak if entry.soak is not None else feed.soak
    return Upstream(stage, soak or timedelta(0))
