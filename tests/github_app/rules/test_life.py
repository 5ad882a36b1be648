"""A promotion's life: every transition is played, every state reached, and the picture is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from github_app.notes import NOTHING, Asked, LineNote, Note, StageNotes, Way
from github_app.picture import LinePicture
from github_app.plan import plan
from github_app.results import Result, ResultKind, ResultState
from github_app.rules.availability import Rules
from github_app.rules.line_rules import LineRules
from plugin.head import head_in
from plugin.verification import CheckSucceeds
from tests.github_app.rules.life import TRANSITIONS, Life, Transition, diagram, life_of
from tests.github_app.shop import (
    A,
    B,
    C,
    after,
    at,
    ledger,
    line,
    line_plan,
    project,
    proposed,
    repository,
    shown,
    soak,
    stage,
    went,
)

ARCHITECTURE = Path(__file__).parents[3] / "ARCHITECTURE.md"
STAGES = (
    stage("dev"),
    replace(stage("staging", after("dev", soak=soak(30))), verify=(CheckSucceeds("e2e"),)),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a pipeline of two stages shows at some minute; its story is B's in staging."""

    minute: float
    dev: LinePicture
    staging: LinePicture
    notes: StageNotes = NOTHING

    def life(self) -> Life:
        """B's state in staging."""
        now: datetime = at(self.minute)
        book = ledger(A, B, C, staging=self.notes)
        picture = shown(project(*STAGES), [self.dev, self.staging], book, C)
        gates = line_plan(plan(repository(picture), now), "staging").gates
        of, mine = STAGES[1], STAGES[1].lines[0]
        head = head_in("shop", of, "web")
        rules = LineRules(Rules.of(picture, now), of, mine, self.staging, head, "acme/shop")
        return life_of(rules, B.id, gates)


DEV_A, DEV_B = went("dev", (A, 0)), went("dev", (A, 0), (B, 60))
HOLD = StageNotes(held=(LineNote("web", at(80), "gina", "freeze"),))
FREED = replace(HOLD, resumed=(LineNote("web", at(95), "gina", "over"),))
NO = StageNotes(rejected=(Note(B.id, at(95), "gina", "closed pull request #1"),))
BACK = StageNotes(asked=(Asked("web", B.id, at(300), "gina", "C is broken", Way.ROLLBACK),))
PROVED = StageNotes(verified=(Note(B.id, at(120), "check e2e", "succeeded"),))
EMPTY = went("staging", (A, 10))
CARRIED = proposed(EMPTY, B)
MERGED = went("staging", (A, 10), (B, 100))
RED = replace(MERGED, results=(Result(ResultKind.CHECK, "e2e", ResultState.FAILURE, at=at(110)),))
PAST = went("staging", (A, 10), (B, 100), (C, 200))
OVER = went("staging", (A, 10), (C, 200))

WAITING = Scene(50, DEV_A, EMPTY)
OPEN = Scene(70, DEV_B, CARRIED)
READY = Scene(91, DEV_B, CARRIED)
STOPPED = Scene(91, DEV_B, CARRIED, HOLD)
REJECTED = Scene(96, DEV_B, EMPTY, NO)
DONE = Scene(130, DEV_B, MERGED, PROVED)
FAILED = Scene(130, DEV_B, RED)
GONE = Scene(210, DEV_B, OVER)

PLAYED: dict[tuple[Life, Life], tuple[Scene, Scene]] = {
    (Life.WAITING, Life.OPEN): (WAITING, OPEN),
    (Life.WAITING, Life.READY): (replace(WAITING, minute=55), READY),
    (Life.WAITING, Life.OVERTAKEN): (WAITING, GONE),
    (Life.OPEN, Life.READY): (OPEN, replace(OPEN, minute=90)),
    (Life.OPEN, Life.STOPPED): (OPEN, replace(OPEN, minute=81, notes=HOLD)),
    (Life.READY, Life.STOPPED): (READY, replace(READY, notes=HOLD)),
    (Life.STOPPED, Life.READY): (STOPPED, replace(STOPPED, minute=96, notes=FREED)),
    (Life.READY, Life.MERGED): (READY, Scene(101, DEV_B, MERGED)),
    (Life.READY, Life.REJECTED): (READY, REJECTED),
    (Life.STOPPED, Life.REJECTED): (STOPPED, REJECTED),
    (Life.REJECTED, Life.READY): (REJECTED, replace(READY, minute=97)),
    (Life.REJECTED, Life.OVERTAKEN): (REJECTED, replace(GONE, notes=NO)),
    (Life.READY, Life.OVERTAKEN): (READY, GONE),
    (Life.MERGED, Life.VERIFIED): (Scene(101, DEV_B, MERGED), DONE),
    (Life.MERGED, Life.FAILED): (Scene(101, DEV_B, MERGED), FAILED),
    (Life.FAILED, Life.VERIFIED): (FAILED, replace(FAILED, notes=PROVED)),
    (Life.VERIFIED, Life.LEFT): (DONE, Scene(210, DEV_B, PAST, PROVED)),
    (Life.FAILED, Life.LEFT): (FAILED, Scene(210, DEV_B, PAST)),
    (Life.LEFT, Life.READY): (
        Scene(210, DEV_B, PAST, PROVED),
        Scene(301, DEV_B, proposed(PAST, B), replace(BACK, verified=PROVED.verified)),
    ),
}


def named(one: Transition) -> str:
    return f"{one.before.value}-{one.after.value}"


@pytest.mark.parametrize("transition", TRANSITIONS, ids=named)
def test_every_transition_leads_where_the_table_says(transition: Transition) -> None:
    before, behind = PLAYED[transition.before, transition.after]
    assert (before.life(), behind.life()) == (transition.before, transition.after)


def test_every_state_is_reached_and_nothing_is_played_that_is_not_drawn() -> None:
    drawn = {(one.before, one.after) for one in TRANSITIONS}
    assert len(drawn) == len(TRANSITIONS)
    assert set(PLAYED) == drawn
    assert {state for pair in drawn for state in pair} == set(Life)


def test_the_picture_in_the_architecture_is_the_table() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}\n```" in text, "put this there:\n" + diagram()


def test_a_new_line_has_nothing_yet() -> None:
    scene = Scene(5, line("dev"), line("staging"))
    check: Callable[[], Life] = scene.life
    assert check() is Life.WAITING
