"""What a render means for a promotion: its check, its gate, and what stands meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.actions import OpenPromotion, PostCheck, Proposal
from github_app.difference.compare import compared
from github_app.difference.values import Rendering, Unrendered, Why
from github_app.gates import DIFF, Check, Gate
from github_app.picture import LinePicture, ProjectPicture
from github_app.plan import LinePlan, Plan
from plugin.pipeline import Merge
from tests.github_app.difference.printed import deployment, manifests
from tests.github_app.shop import (
    TIP,
    A,
    B,
    at,
    ledger,
    line,
    line_plan,
    planned,
    project,
    proposed,
    shown,
    stage,
)

NOW = at(100)
AUTO = replace(stage("dev"), merge=Merge.AUTO)
CHANGED = compared(manifests(deployment()), manifests(deployment(tag="2")))
FAILED = Unrendered(Why.FAILED, "stages/dev: kustomize refused: x")
LATER = Unrendered(Why.LATER)
NEW, OPEN = line("dev", A), proposed(line("dev", A), B)


def with_rendering(
    at_line: LinePicture, rendering: Rendering | None = None
) -> tuple[ProjectPicture, Plan]:
    """The plan, all that it wants rendered having come to this."""
    picture = shown(project(AUTO), [at_line], ledger(A, B), B)
    made = planned(picture, NOW)
    if rendering is None:
        return picture, made
    keys = [one.key for one in made.to_render]
    assert keys
    picture = replace(picture, rendered=dict.fromkeys(keys, rendering))
    return picture, planned(picture, NOW)


def dev(at_line: LinePicture, rendering: Rendering | None = None) -> LinePlan:
    """The line's plan."""
    return line_plan(with_rendering(at_line, rendering)[1], "dev")


def proposal(made: LinePlan) -> Proposal:
    """The promotion that is opened."""
    (opened,) = made.actions
    assert isinstance(opened, OpenPromotion)
    return opened.proposal


def differences(made: LinePlan) -> list[Check]:
    """What is posted as `towline/diff` on an open promotion."""
    every = [one.check for one in made.actions if isinstance(one, PostCheck)]
    return [one for one in every if one.name == DIFF]


def gate(made: LinePlan) -> Gate | None:
    """The gate of the render."""
    return next((one for one in made.gates if one.name == "render"), None)


@pytest.mark.parametrize("at_line", [NEW, OPEN], ids=["new", "open"])
def test_a_plan_says_what_to_render_until_it_has_it(at_line: LinePicture) -> None:
    _, made = with_rendering(at_line)
    (wanted,) = made.to_render
    assert (wanted.stage, wanted.base, wanted.directory) == ("dev", TIP, "stages/dev")
