"""The same invariants where people command, review and hold, so that less comes through."""

from __future__ import annotations

import pytest

from tests.github_app.plan.playing import PARTS, landed_share


@pytest.mark.hypothesis
@pytest.mark.parametrize("part", range(PARTS))
def test_every_invariant_holds_whatever_people_say(part: int) -> None:
    assert landed_share(part, governed=True) >= 0.3
