"""What a promotion is about, made by hand: B into staging, unless said otherwise."""

from __future__ import annotations

from dataclasses import replace

from github_app.body.subject import Subject
from github_app.gates import Gate, GateState
from plugin.held import Held
from tests.github_app.shop import PIPELINE, WEB, A, B, image, project


def subject(**changes: object) -> Subject:
    """A promotion of B into staging."""
    found = Subject(
        project=project(*PIPELINE),
        stage=PIPELINE[1],
        line=PIPELINE[1].lines[0],
        freight=B,
        before={WEB: Held(WEB, "1.0.0", image("1.0.0").digest)},
        bumps=(),
        disks=(),
        restarts=(),
        gates=(Gate("upstream", GateState.PASSED, "verified in dev"),),
        warnings=(),
        stages=PIPELINE,
        held={"dev": f"1.1.0 {B.alias}", "staging": f"1.0.0 {A.alias}"},
        why="it became the newest",
    )
    return replace(found, **changes)  # type: ignore[arg-type]  # fields by name
