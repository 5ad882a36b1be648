"""A project's pipeline and its freight's order, ready to be looked up. Pure.

Rules ask the same few questions for every line; answered from these tables they cost the same in
a pipeline of ten stages and of ten thousand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice

from github_app.ledger import Ledger
from plugin.freight import FreightId
from plugin.pipeline import After, Line, Project, Stage, Upstream

Key = tuple[str, str]
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Overview:
    """Stages by name and by warehouse, what follows each, and freight's place in the order."""

    stages: Mapping[str, Stage]
    positions: Mapping[str, int]
    of_warehouse: Mapping[str, tuple[Stage, ...]]
    following: Mapping[Key, tuple[Upstream, ...]]
    places: Mapping[str, Mapping[FreightId, int]]

    @classmethod
    def of(cls, project: Project, ledger: Ledger) -> Overview:
        """The tables of one project."""
        of_warehouse: dict[str, list[Stage]] = {}
        following: dict[Key, list[Upstream]] = {}
        for stage in project.stages:
            for line in stage.lines:
                of_warehouse.setdefault(line.warehouse, []).append(stage)
                for one in upstreams_of(line):
                    after = Upstream(stage.name, one.soak)
                    following.setdefault((one.stage, line.warehouse), []).append(after)
        return cls(
            {stage.name: stage for stage in project.stages},
            {stage.name: number for number, stage in enumerate(project.stages)},
            {name: tuple(stages) for name, stages in of_warehouse.items()},
            {key: tuple(after) for key, after in following.items()},
            {
                name: {one.freight.id: place for place, one in enumerate(seen)}
                for name, seen in ledger.warehouses.items()
            },
        )

    def stage(self, name: str) -> Stage:
        """The stage called `name`."""
        return self.stages[name]

    def order(self, warehouse: str, freight: FreightId | None) -> int:
        """The place of `freight` among the sets as they last became newest; -1 if unknown."""
        if freight is None:
            return UNKNOWN
        return self.places.get(warehouse, {}).get(freight, UNKNOWN)

    def wanted_soak(self, stage: str, warehouse: str) -> timedelta:
        """The longest soak in `stage` that stages after it ask for, through control-flow too."""
        longest = timedelta(0)
        for after in self.following.get((stage, warehouse), ()):
            longest = max(longest, after.soak)
            if self.stage(after.stage).place is None:
                longest = max(longest, self.wanted_soak(after.stage, warehouse))
        return longest

    def around(self, stage: str, warehouse: str, most: int) -> tuple[Stage, ...]:
        """The pipeline's stages as far as a picture of `most` of them can show, causes first.

        All of a small pipeline; of a large one the stage itself, what it comes from and what
        follows it, the nearest first.
        """
        every = self.of_warehouse.get(warehouse, ())
        if len(every) <= most:
            return every
        names = [stage]
        for near in (self._before, self._after):
            _walk(stage, partial(near, warehouse), names, most)
        return tuple(sorted(map(self.stage, names), key=lambda one: self.positions[one.name]))

    def _before(self, warehouse: str, name: str) -> Iterable[str]:
        line = self.stage(name).line(warehouse)
        return (one.stage for one in (upstreams_of(line) if line else ()))

    def _after(self, warehouse: str, name: str) -> Iterable[str]:
        return (one.stage for one in self.following.get((name, warehouse), ()))


def _walk(start: str, near: Callable[[str], Iterable[str]], names: list[str], most: int) -> None:
    """Add what can be reached from `start`, the nearest first, up to `most` names."""
    waiting = deque([start])
    while waiting:
        for name in islice(near(waiting.popleft()), most):
            if len(names) < most and name not in names:
                names.append(name)
                waiting.append(name)


def upstreams_of(line: Line) -> tuple[Upstream, ...]:
    """The stages a line comes from; none if straight from its warehouse."""
    match line.source:
        case After(upstreams):
            return upstreams
        case _:
            return ()
