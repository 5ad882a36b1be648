"""Whose turn it is among the stages of one matrix: how many at a time, and what a failure stops.

The order is that of the file. Who may not take the freight now, because somebody holds or rejects
it there or because it has not come so far, keeps nobody else waiting. Pure.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from github_app.gates import Gate, GateState
from github_app.ledger_times import time_text
from github_app.notes import StageNotes
from github_app.picture import Base, LinePicture
from github_app.rules.adoption import held_freight, led_to
from github_app.rules.asking import overridden, standing_hold
from github_app.rules.availability import Passed, Rules
from github_app.rules.rejections import by_closing, rejections, rejects
from github_app.rules.verification import Disproved
from plugin.freight import FreightId, alias_of
from plugin.holding import Unmanaged, Unreadable
from plugin.pipeline import Line, Mode, Stage
from plugin.stage_policy import Opening, Rollout

ROLLOUT = "rollout"
_MOST_NAMED = 3


class _State(enum.Enum):
    """How freight stands in one stage of the family."""

    DONE = "verified there"
    FAILED = "failed there"
    UNVERIFIED = "merged and not verified there"
    OPEN = "open there"
    NEXT = "about to be opened there"
    AWAY = "not to be opened there now"


def rollout_gate(
    rules: Rules, stage: Stage, line: Line, freight: FreightId, *, asked: bool = False
) -> Gate | None:
    """Whether it is the stage's turn to take `freight`; None where all stages go at once.

    What somebody `asked` for is opened whosever turn it is, and waits as what is open does.
    """
    if stage.rollout is None:
        return None
    let = overridden(rules.picture.ledger.notes(stage.name), ROLLOUT, freight)
    if let is not None:
        words = f"overridden by {let.who} at {time_text(let.at)}: {let.why}"
        return Gate(ROLLOUT, GateState.PASSED, words)
    return _Family(rules, stage, line.warehouse, freight, asked).gate(stage.rollout)


@dataclass(frozen=True, slots=True)
class _Family:
    """The stages of one matrix, as seen from `stage`."""

    rules: Rules
    stage: Stage
    warehouse: str
    freight: FreightId
    asked: bool

    def gate(self, rollout: Rollout) -> Gate:
        states = [(one, self._state(one)) for one in self._stages()]
        alias = alias_of(self.freight)
        failed = [one.name for one, state in states if state is _State.FAILED]
        if rollout.stop and failed:
            words = f"{alias} failed in {_few(failed)}, which stops its rollout"
            return Gate(ROLLOUT, GateState.FAILED, words)
        ahead = self._ahead(states)
        if rollout.parallel is not None and len(ahead) >= rollout.parallel:
            words = f"at most {rollout.parallel} at a time: {alias} goes to {_few(ahead)} first"
            return Gate(ROLLOUT, GateState.WAITING, words)
        done = sum(self._verified(one) for one, _ in states)
        words = f"{alias} is verified in {done} of {len(states)} stages"
        return Gate(ROLLOUT, GateState.PASSED, words)

    def _stages(self) -> Iterator[Stage]:
        for one in self.rules.picture.project.stages:
            if one.family == self.stage.family and one.line(self.warehouse) is not None:
                yield one

    def _ahead(self, states: Sequence[tuple[Stage, _State]]) -> list[str]:
        """The stages that take a place before this one: what is merged, then what is open."""
        mine = next(state for one, state in states if one.name == self.stage.name)
        if self.asked and mine is not _State.FAILED:
            mine = _State.OPEN
        place = next(at for at, (one, _) in enumerate(states) if one.name == self.stage.name)
        ahead = []
        for at, (one, state) in enumerate(states):
            if one.name != self.stage.name and _is_ahead(state, mine, earlier=at < place):
                ahead.append(one.name)
        return ahead

    def _state(self, stage: Stage) -> _State:
        picture = self.rules.picture.lines.get((stage.name, self.warehouse))
        if picture is None:
            return _State.AWAY
        held = held_freight(picture.holding, self.rules.picture.ledger.seen(self.warehouse))
        verified = self._verified(stage)
        if self.freight in {held, led_to(picture.holding)}:
            return self._holding(stage, verified=verified)
        if not verified and any(one.freight == self.freight for one in self._notes(stage).failed):
            return _State.FAILED
        if _carries(picture, self.freight) and not self._forbidden(stage):
            return _State.OPEN
        if self._comes_next(stage, picture, led_to(picture.holding) or held):
            return _State.NEXT
        return _State.DONE if verified else _State.AWAY

    def _holding(self, stage: Stage, *, verified: bool) -> _State:
        if verified:
            return _State.DONE
        failed = isinstance(self.rules.verdict(stage, self.warehouse), Disproved)
        return _State.FAILED if failed else _State.UNVERIFIED

    def _forbidden(self, stage: Stage) -> bool:
        """Whether its open promotion is closed in this round, as somebody rejected its freight."""
        seen = self.rules.picture.ledger.seen(self.warehouse)
        return any(
            note.freight == self.freight
            and rejects(note, self.freight, seen, self._order)
            and not by_closing(note)
            for note in rejections(self._notes(stage))
        )

    def _verified(self, stage: Stage) -> bool:
        return self.rules.verified_at(stage, self.warehouse, self.freight) is not None

    def _notes(self, stage: Stage) -> StageNotes:
        return self.rules.picture.ledger.notes(stage.name)

    def _comes_next(self, stage: Stage, picture: LinePicture, held: FreightId | None) -> bool:
        """Whether the stage will open a promotion by itself as soon as it is its turn."""
        line = stage.line(self.warehouse)
        order, notes = self._order, self._notes(stage)
        works = isinstance(picture.base, Base) and not isinstance(
            picture.holding, Unmanaged | Unreadable
        )
        wants = stage.opening is Opening.AUTO and order(self.freight) > order(held)
        silent = stage.mode is Mode.SHADOW and self.stage.mode is not Mode.SHADOW
        if line is None or not works or not wants or silent or standing_hold(notes, line.warehouse):
            return False
        seen = self.rules.picture.ledger.seen(self.warehouse)
        refused = any(rejects(one, self.freight, seen, order) for one in rejections(notes))
        free = isinstance(self.rules.availability(stage, line, self.freight), Passed)
        return free and not refused

    def _order(self, freight: FreightId | None) -> int:
        return self.rules.overview.order(self.warehouse, freight)


def _carries(picture: LinePicture, freight: FreightId) -> bool:
    head = picture.head if picture.open else None
    return head is not None and head.freight is not None and head.freight.aim == freight


def _is_ahead(state: _State, mine: _State, *, earlier: bool) -> bool:
    """Whether a stage takes a place before one that stands so itself.

    What has begun goes first: with steps, both may hold a part of it.
    """
    if mine is _State.UNVERIFIED:
        return earlier and state is _State.UNVERIFIED
    if state is _State.UNVERIFIED:
        return True
    if mine is _State.OPEN:
        return earlier and state is _State.OPEN
    return state is _State.OPEN or (earlier and state is _State.NEXT)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")
