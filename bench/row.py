"""One measured figure: what it is, what it is held against, and whether that is enough."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its target in words; `floor` and `ratio` where it is held against something.

    Without a target, `target` is empty and `met` is None.
    """

    name: str
    value: float
    unit: str
    target: str
    met: bool | None
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times its floor the figure is."""
        return None if not self.floor else self.value / self.floor

    def as_json(self) -> dict[str, Any]:
        """The row as `bench/results.json` has it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "floor": self.floor,
            "ratio": self.ratio,
            "target": self.target,
            "met": self.met,
        }


def against_floor(name: str, value: float, floor: float, unit: str, at_most: float) -> Row:
    """A figure that may be at most so many times its floor."""
    return Row(name, value, unit, f"<= {at_most:g} x floor", value <= at_most * floor, floor)


def times_floor(name: str, value: float, floor: float, unit: str, at_least: float) -> Row:
    """A figure that must be at least so many times its floor."""
    return Row(name, value, unit, f">= {at_least:g} x floor", value >= at_least * floor, floor)


def shown(name: str, value: float, unit: str, floor: float | None = None) -> Row:
    """A figure without a target, there to make another one understood."""
    return Row(name, value, unit, "", None, floor)


def at_most(name: str, value: float, unit: str, limit: float) -> Row:
    """A figure that may not pass a limit, whatever the machine."""
    return Row(name, value, unit, f"<= {limit:g} {unit}", value <= limit)


def medians(*works: Callable[[], object], clock: Callable[[], float], runs: int) -> list[float]:
    """The median seconds of each work, run in turns so that noise falls on all alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, kept in zip(works, times, strict=True):
            start = clock()
            work()
            kept.append(clock() - start)
    return [statistics.median(kept) for kept in times]
