"""A promotion's life: the states of one freight in one line, and what leads from one to another.

The picture in ARCHITECTURE.md is made of `TRANSITIONS`, and `test_life` plays each.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from github_app.gates import Gate, GateState
from github_app.rules.line_rules import LineRules
from github_app.rules.verification import Disproved
from plugin.freight import FreightId


class Life(enum.Enum):
    """Where one freight stands on its way into and through a stage."""

    WAITING = "Waiting"
    OPEN = "Open"
    STOPPED = "Stopped"
    READY = "Ready"
    REJECTED = "Rejected"
    OVERTAKEN = "Overtaken"
    MERGED = "Merged"
    VERIFIED = "Verified"
    FAILED = "Failed"
    LEFT = "Left"


@dataclass(frozen=True, slots=True)
class Transition:
    """From one state to another, and by what."""

    before: Life
    after: Life
    by: str


TRANSITIONS = (
    Transition(Life.WAITING, Life.OPEN, "asked for, or let in before; time is awaited"),
    Transition(Life.WAITING, Life.READY, "verified and soaked upstream, or approved"),
    Transition(Life.WAITING, Life.OVERTAKEN, "newer freight was merged"),
    Transition(Life.OPEN, Life.READY, "time passed"),
    Transition(Life.OPEN, Life.STOPPED, "hold, foreign commit"),
    Transition(Life.READY, Life.STOPPED, "hold, foreign commit, disk, pin, review"),
    Transition(Life.STOPPED, Life.READY, "resumed, mended, reviewed"),
    Transition(Life.READY, Life.MERGED, "merged by a person, GitHub or Towline"),
    Transition(Life.READY, Life.REJECTED, "closed or rejected by a person"),
    Transition(Life.STOPPED, Life.REJECTED, "closed or rejected by a person"),
    Transition(Life.REJECTED, Life.READY, "reopened, or asked for again"),
    Transition(Life.REJECTED, Life.OVERTAKEN, "newer freight was merged"),
    Transition(Life.READY, Life.OVERTAKEN, "newer freight was merged"),
    Transition(Life.MERGED, Life.VERIFIED, "what verify asks for succeeded"),
    Transition(Life.MERGED, Life.FAILED, "a condition failed"),
    Transition(Life.FAILED, Life.VERIFIED, "verified again"),
    Transition(Life.VERIFIED, Life.LEFT, "newer freight, or rolled back"),
    Transition(Life.FAILED, Life.LEFT, "rolled back, or newer freight"),
    Transition(Life.LEFT, Life.READY, "rolled back to"),
)
BEGINS = Life.WAITING
ENDS = (Life.OVERTAKEN,)


def life_of(rules: LineRules, freight: FreightId, gates: Iterable[Gate]) -> Life:
    """The state of `freight` in a line whose promotion has these gates."""
    head = rules.picture.head
    carried = head.freight.id if head and head.freight and rules.picture.open else None
    if rules.current == freight:
        return _held(rules, freight)
    if carried == freight:
        return _open({gate.state for gate in gates})
    if rules.rules.stays(rules.stage.name, rules.line.warehouse, freight):
        return Life.LEFT
    if not rules.is_newer(freight):
        return Life.OVERTAKEN
    notes = rules.rules.picture.ledger.notes(rules.stage.name)
    rejected = any(note.freight == freight for note in notes.rejected)
    return Life.REJECTED if rejected else Life.WAITING


def _held(rules: LineRules, freight: FreightId) -> Life:
    if rules.rules.verified_at(rules.stage, rules.line.warehouse, freight) is not None:
        return Life.VERIFIED
    verdict = rules.rules.verdict(rules.stage, rules.line.warehouse)
    return Life.FAILED if isinstance(verdict, Disproved) else Life.MERGED


def _open(states: set[GateState]) -> Life:
    if GateState.FAILED in states:
        return Life.STOPPED
    return Life.OPEN if GateState.WAITING in states else Life.READY


def diagram() -> str:
    """The life as a state diagram (https://mermaid.js.org/syntax/stateDiagram.html)."""
    steps = [f"  {one.before.value} --> {one.after.value}: {one.by}" for one in TRANSITIONS]
    ends = [f"  {one.value} --> [*]" for one in ENDS]
    begins = f"  [*] --> {BEGINS.value}: its warehouse has it"
    return "\n".join(["stateDiagram-v2", begins, *steps, *ends])
