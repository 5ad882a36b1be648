"""How often GitHub was asked, by kind: for the metrics and the demo's report."""

from __future__ import annotations

import enum
import threading
from collections import Counter
from dataclasses import dataclass


class Kind(enum.Enum):
    """What a call to GitHub costs: the two API budgets are separate, Git costs neither."""

    REST = "rest"
    GRAPHQL = "graphql"
    GIT = "git"
    MINT = "mint"


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls on the wire, repetitions included; `mints` are installation tokens asked for."""

    rest: int = 0
    graphql: int = 0
    git: int = 0
    mints: int = 0

    def __sub__(self, earlier: Calls) -> Calls:
        return Calls(
            self.rest - earlier.rest,
            self.graphql - earlier.graphql,
            self.git - earlier.git,
            self.mints - earlier.mints,
        )


class CallCounter:
    """Counts calls from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Kind] = Counter()

    def add(self, kind: Kind) -> None:
        """One more call of this kind went out."""
        with self._lock:
            self._counts[kind] += 1

    def calls(self) -> Calls:
        """The calls so far; subtract an earlier answer to get those in between."""
        with self._lock:
            counts = self._counts.copy()
        return Calls(counts[Kind.REST], counts[Kind.GRAPHQL], counts[Kind.GIT], counts[Kind.MINT])
