"""Which stage follows which: names and patterns resolved, upstream first, no circles."""

from __future__ import annotations

import fnmatch
import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from plugin.pipeline_file.feeds import Follows
from plugin.pipeline_file.mistakes import Mistakes, similar
from plugin.pipeline_file.stages import Declared, Section

_MOST_EDGES = 200_000
_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Graph:
    """`upstreams` holds the stages each entry of an `after` means; `order` is upstream first."""

    upstreams: dict[tuple[str, Follows], tuple[str, ...]]
    order: tuple[str, ...]

    def of(self, stage: str, follows: Iterable[Follows]) -> tuple[tuple[str, Follows], ...]:
        """Each stage that `follows` means, once; a name says more than a pattern."""
        meant: dict[str, Follows] = {}
        for one in sorted(follows, key=lambda one: one.is_pattern):
            for upstream in self.upstreams[stage, one]:
                meant.setdefault(upstream, one)
        return tuple(meant.items())


def resolved(section: Section, warehouses: Iterable[str], mistakes: Mistakes) -> Graph:
    """The graph of the section's stages, with mistakes for strangers and circles.

    Stages in a circle, and those behind one, are left out of the order.
    """
    finder = _Finder(section, frozenset(warehouses), mistakes)
    stages = section.stages
    upstreams = {
        (stage.name, one): finder.meant(stage, one)
        for stage in stages.values()
        for one in stage.follows
    }
    edges: dict[str, dict[str, None]] = {one: {} for one in stages}
    for (stage, _), meant in upstreams.items():
        edges[stage].update(dict.fromkeys(meant))
    order = _upstream_first(edges)
    if len(order) < len(edges):
        for circle in _circles(edges):
            _refuse_circle(circle, stages, mistakes)
    return Graph(upstreams, order)


class _Finder:
    """Finds the stages an entry of `after` means."""

    def __init__(self, section: Section, warehouses: frozenset[str], mistakes: Mistakes) -> None:
        self._section = section
        self._names = tuple(section.stages)
        self._warehouses = warehouses
        self._mistakes = mistakes
        self._patterns: dict[str, tuple[str, ...]] = {}
        self._left = _MOST_EDGES

    def meant(self, stage: Declared, entry: Follows) -> tuple[str, ...]:
        if entry.is_pattern:
            return self._matching(stage, entry)
        if entry.name in self._section.stages:
            return (entry.name,)
        if self._section.complete:
            self._mistakes.add(
                entry.at, f"no stage is called '{entry.name}'", self._instead(stage, entry.name)
            )
        return ()

    def _instead(self, stage: Declared, wanted: str) -> str:
        if wanted in self._warehouses:
            return f"it is a warehouse: write warehouses: [{wanted}]"
        others = tuple(one for one in self._names if one != stage.name)
        if meant := similar(wanted, others):
            return f"did you mean '{meant}'?"
        return f"write one of: {_few(others)}" if others else "write warehouses: [...]"

    def _matching(self, stage: Declared, entry: Follows) -> tuple[str, ...]:
        if entry.name not in self._patterns:
            self._spend(len(self._names), entry)
            pattern = re.compile(fnmatch.translate(entry.name))
            self._patterns[entry.name] = tuple(one for one in self._names if pattern.match(one))
        # A stage that joins others may have a name like theirs: it never means itself.
        meant = tuple(one for one in self._patterns[entry.name] if one != stage.name)
        self._spend(len(meant), entry)
        if not meant and self._section.complete:
            self._mistakes.add(
                entry.at,
                f"the pattern '{entry.name}' matches no other stage",
                f"write one that matches some of: {_few(self._names)}",
            )
        return meant

    def _spend(self, amount: int, entry: Follows) -> None:
        self._left -= amount
        if self._left < 0:
            self._mistakes.refuse(
                entry.at,
                "the patterns in this file mean too many stages, one by one",
                "put a stage without path between them, and write after: [that stage]",
            )


def _few(stages: tuple[str, ...]) -> str:
    return ", ".join(stages[:_MOST_SHOWN]) + (", ..." if len(stages) > _MOST_SHOWN else "")


def _upstream_first(edges: dict[str, dict[str, None]]) -> tuple[str, ...]:
    """Kahn's algorithm, the earliest in the file first; circles and what follows them are left."""
    names = list(edges)
    index = {one: place for place, one in enumerate(names)}
    waiting = {one: len(upstreams) for one, upstreams in edges.items()}
    downstreams: dict[str, list[str]] = {one: [] for one in edges}
    for one, upstreams in edges.items():
        for upstream in upstreams:
            downstreams[upstream].append(one)
    ready = [index[one] for one in edges if not waiting[one]]
    order: list[str] = []
    while ready:
        order.append(names[heapq.heappop(ready)])
        for follower in downstreams[order[-1]]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, index[follower])
    return tuple(order)


def _circles(edges: dict[str, dict[str, None]]) -> Iterator[list[str]]:
    """One circle for each `after` that closes one, each from a stage to its upstream.

    Depth first, without recursion: a chain may be as long as the file.
    """
    done: set[str] = set()
    for start, upstreams in edges.items():
        path = {} if start in done else {start: iter(upstreams)}
        while path:
            last = next(reversed(path))
            upstream = next(path[last], None)
            if upstream is None:
                path.popitem()
                done.add(last)
            elif upstream in path:
                walked = list(path)
                yield walked[walked.index(upstream) :]
            elif upstream not in done:
                path[upstream] = iter(edges[upstream])


def _refuse_circle(circle: list[str], stages: Mapping[str, Declared], mistakes: Mistakes) -> None:
    """People read a circle downstream, beginning with what stands first in the file."""
    downstream = circle[::-1]
    first = min(downstream, key=lambda one: stages[one].at)
    place = downstream.index(first)
    turned = [*downstream[place:], *downstream[:place], first]
    at = stages[first].positions.get("after", stages[first].at)
    if len(circle) == 1:
        mistakes.add(at, f"the stage '{first}' follows itself", "name a stage before it")
        return
    if len(turned) > _MOST_SHOWN:
        turned = [*turned[: _MOST_SHOWN // 2], "...", *turned[-_MOST_SHOWN // 2 :]]
    mistakes.add(
        at,
        f"stages feed each other in a circle: {' -> '.join(turned)}",
        "take one of them out of an 'after'",
    )
