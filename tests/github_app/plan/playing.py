"""Many random histories in one test: what is broken in its shortest form, and what landed."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from plugin.pipeline import Mode
from tests.github_app.plan.histories import History, history, play, shortest
from tests.github_app.plan.oracle import Violation
from tests.github_app.plan.remembered import remembered

PARTS = 2
_EACH = max(300, (settings.default.max_examples if settings.default else 0) // (2 * PARTS))
_MANY = 3


def landed_share(part: int, *, governed: bool) -> float:
    """The share of histories, of those with three stages, that land in three.

    Every invariant is judged after every step. Each part has seeds of its own. Histories in which
    nothing is ever promoted would prove nothing.
    """
    landings: list[int] = []

    # A seed says nothing about its neighbours, so there is nothing to shrink: `shortest` does it.
    @settings(max_examples=_EACH, derandomize=True, phases=[Phase.generate], database=None)
    @given(st.integers(0, 2**63))
    def one_history(seed: int) -> None:
        made = history(seed * PARTS + part, governed=governed)
        try:
            played = play(made)
        except Violation:
            pytest.fail(_told(made))
        if _stages_of(made) >= _MANY:
            landings.append(played.landed())

    with remembered():
        one_history()
    assert len(landings) >= 0.7 * _EACH
    share = sum(one >= _MANY for one in landings) / len(landings)
    print(f"landed in three stages: {share:.0%}")
    return share


def _stages_of(made: History) -> int:
    """How many stages promotions can be merged into."""
    placed = [one for one in made.project.stages if one.place is not None]
    return sum(one.mode is Mode.LIVE for one in placed)


def _told(made: History) -> str:
    """The shortest form of a history that fails, step by step."""
    try:
        play(shortest(made))
    except Violation as violation:
        return str(violation)
    return "it fails only at full length"
