"""The plan's invariants over random histories; `tests/github_app/plan/oracle.py` has them."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from plugin.pipeline import Mode
from tests.github_app.plan.histories import History, history, play, shortest
from tests.github_app.plan.oracle import Violation
from tests.github_app.plan.remembered import remembered
from tests.github_app.plan.speaking import say_one

HISTORIES = max(1_200, settings.default.max_examples if settings.default else 0)
MANY = 3


def stages_of(made: History) -> int:
    """How many stages promotions can be merged into."""
    placed = [one for one in made.project.stages if one.place is not None]
    return sum(one.mode is Mode.LIVE for one in placed)


def is_governed(made: History) -> bool:
    """Whether people command, review and hold there, so that less comes through."""
    return any(step.event is say_one for step in made.steps)


def told(made: History) -> str:
    """The shortest form of a history that fails, step by step."""
    try:
        play(shortest(made))
    except Violation as violation:
        return str(violation)
    return "it fails only at full length"


@pytest.mark.hypothesis
def test_every_invariant_holds_whatever_happens() -> None:
    landed: dict[bool, list[int]] = {True: [], False: []}

    # A seed says nothing about its neighbours, so there is nothing to shrink: `shortest` does it.
    @settings(max_examples=HISTORIES, derandomize=True, phases=[Phase.generate], database=None)
    @given(st.integers(0, 2**63))
    def one_history(seed: int) -> None:
        made = history(seed)
        try:
            played = play(made)
        except Violation:
            pytest.fail(told(made))
        if stages_of(made) >= MANY:
            landed[is_governed(made)].append(played.landed())

    with remembered():
        one_history()
    shares = {
        governed: sum(one >= MANY for one in landings) / len(landings)
        for governed, landings in landed.items()
    }
    print(f"landed in three stages: {shares[False]:.0%}, and {shares[True]:.0%} of the governed")
    # Histories in which nothing is ever promoted would prove nothing.
    assert shares[False] >= 0.65
    assert shares[True] >= 0.3
    assert sum(map(len, landed.values())) >= 0.7 * HISTORIES
