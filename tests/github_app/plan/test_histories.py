"""The plan's invariants over random histories; `tests/github_app/plan/oracle.py` has them."""

from __future__ import annotations

import pytest

from tests.github_app.plan.playing import PARTS, landed_share


@pytest.mark.hypothesis
@pytest.mark.parametrize("part", range(PARTS))
def test_every_invariant_holds_whatever_happens(part: int) -> None:
    assert landed_share(part, governed=False) >= 0.65
