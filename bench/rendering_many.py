"""Argo CD's load on the sidecar: every Application after a small change, and eight at once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.rendered_stages import applications, base, change
from bench.rendering import Renderers, equal, renderers
from bench.row import Row, against_floor, shown
from bench.sidecar import Program, latencies

_APPLICATIONS = 500
_RESOURCES = (10, 100)
_AT_ONCE = 8
_ROUNDS = 7


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """500 Applications of which one was changed; 8 renders at once."""
    measured = renderers(tools, work)
    yield from at_once(measured, work / "tree", _ROUNDS)
    for resources in _RESOURCES:
        yield one_changed(measured, work / "tree", _APPLICATIONS, resources)


def one_changed(measured: Renderers, root: Path, count: int, resources: int) -> Row:
    """The time of asking for all Applications after a change in one, all of them known before."""
    places = applications(root, f"of-{resources}", count, resources)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Program.output, map(measured.again, places)))
    change(places[count // 2], count)
    for place in (places[0], places[count // 2]):
        equal(measured.first(place), measured.alone(place))
    ours = _seconds([measured.again(place) for place in places])
    floor = _seconds([measured.alone(place) for place in places])
    for place in places[:: max(count // 20, 1)]:
        equal(measured.again(place), measured.alone(place))
    name = (
        f"{count} Applications, 1 changed, resources of each: {resources} (floor: {count} builds)"
    )
    return against_floor(name, ours, floor, "s", 0.1)


def at_once(measured: Renderers, root: Path, rounds: int) -> Iterator[Row]:
    """Until all of 8 are done, and until half of them are, against kustomize without a limit."""
    places = [base(root, f"at-once-{number}", 100) for number in range(_AT_ONCE)]
    for place in places:
        equal(measured.first(place), measured.alone(place))
    taken = [
        (
            latencies([measured.first(one) for one in places]),
            latencies(list(map(measured.alone, places))),
        )
        for _ in range(rounds)
    ]
    name = f"{_AT_ONCE} first renders at once, resources of each: 100"
    end = f"(floor: {_AT_ONCE} builds at once)"
    ours, floor = zip(*taken, strict=True)
    yield shown(
        f"{name}, until all are done {end}",
        statistics.median(one[0] for one in ours),
        "s",
        statistics.median(one[0] for one in floor),
    )
    yield shown(
        f"{name}, until half are done {end}",
        statistics.median(statistics.median(one[1]) for one in ours),
        "s",
        statistics.median(statistics.median(one[1]) for one in floor),
    )


def _seconds(programs: Sequence[Program]) -> float:
    start = time.perf_counter()
    for one in programs:
        one.output()
    return time.perf_counter() - start
