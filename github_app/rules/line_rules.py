"""The promotion rules for one line of one stage: what it should do now, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from github_app.commands.verbs import WORD
from github_app.gates import GateState
from github_app.notes import Asked
from github_app.picture import MissingPlace
from github_app.rules.arrivals import nothing_yet
from github_app.rules.availability import Passed, Pending, Rules, sooner
from github_app.rules.candidates import candidates
from github_app.rules.courses import course_of
from github_app.rules.decision import (
    Blocked,
    Decision,
    Promote,
    Unread,
    UpToDate,
    Waiting,
)
from github_app.rules.line_standing import LineStanding
from github_app.rules.step_waits import unproved_step
from github_app.rules.waits import downgrade, still_soaking
from plugin import holding as holdings
from plugin import promotion
from plugin.freight import Freight, FreightId, alias_of
from plugin.head import head_in
from plugin.pins import pin
from plugin.pipeline import Line, Stage
from plugin.stage_policy import Opening


@dataclass(frozen=True, slots=True)
class LineRules(LineStanding):
    """The rules of one line of one stage."""

    @classmethod
    def of(cls, rules: Rules, stage: Stage, line: Line, repository: str) -> LineRules:
        """The rules of a line that the picture of the project shows."""
        picture = rules.picture
        head = head_in(picture.project.name, stage, line.warehouse)
        return cls(rules, stage, line, picture.lines[stage.name, line.warehouse], head, repository)

    def decision(self) -> Decision:
        """What the line should do now."""
        match self.picture.base:
            case MissingPlace(reason):
                return Blocked((reason,))
            case _:
                pass
        match self.picture.holding:
            case holdings.Unreadable(reasons):
                return Blocked(reasons)
            case _:
                pass
        brought, asked = self.brought(), self.asked
        if isinstance(brought, Unread):
            return brought
        return self.stopped() or (self._wanted(asked) if asked else self._candidate())

    def is_candidate(self, freight: FreightId) -> bool:
        """Whether the line would take `freight` by itself, if it is let in: nothing newer is."""
        for one in self._newer():
            if one.id == freight:
                return True
            if isinstance(self.standing(one.id), Passed):
                return False
        return False

    def _turn(self, freight: Freight) -> Pending | None:
        """Whose turn it is instead; what is open stays, and its gate says so."""
        gate = self.rollout(freight.id)
        begun = self.is_open(freight.id) or self.aim == freight.id
        if gate is None or gate.state is GateState.PASSED or begun:
            return None
        return Pending(gate.text)

    def _wanted(self, asked: Asked) -> Decision:
        """What somebody chose, whatever else there is."""
        seen = self.rules.picture.ledger.find(self.line.warehouse, asked.freight)
        if seen is None:
            gone = f"{alias_of(asked.freight)}, which {asked.who} asked for, is not remembered"
            return Waiting(Pending(gone))
        match self.standing(asked.freight):
            case Passed() as passed:
                made = self._made(seen.freight, passed, None)
                return replace(made, asked=asked) if isinstance(made, Promote) else made
            case Pending() as pending:
                return Waiting(pending)

    def _candidate(self) -> Decision:
        later: Pending | None = None
        for freight in self._newer():
            match self.standing(freight.id):
                case Passed() as passed:
                    turn = self._turn(freight)
                    if turn is None:
                        return self._promotion(freight, passed, later)
                    later = sooner(later, turn)
                case Pending() as pending:
                    later = sooner(later, pending)
        match self.picture.holding:
            case holdings.Managed(record, unwritten=True):
                return self._written(record.freight, later)
            case holdings.Managed(record) if isinstance(self.brought(), promotion.Changes):
                holds = f"{self.stage.name} holds {record.freight.alias} already, of other sources"
                return self._anew(record.freight, holds, later)
            case _:
                pass
        if self.current is not None:
            return UpToDate(self.current, later)
        return Waiting(later or Pending(self._nothing()))

    def _written(self, freight: Freight, later: Pending | None) -> Decision:
        """What the stage holds, written the way that it asks for now.

        Nothing is let in, so no upstream and no soak is asked; but a person may close it.
        """
        asked = f"write: {self.stage.write.value}"
        holds = f"{self.stage.name} holds {freight.alias} already, and asks for {asked}"
        return self._anew(freight, holds, later)

    def _anew(self, freight: Freight, holds: str, later: Pending | None) -> Decision:
        """What the stage `holds`, once more with what its files are besides."""
        if self.is_rejected(freight.id, itself=True):
            return UpToDate(freight.id, later)
        return self._made(freight, Passed(holds), later)

    def _newer(self) -> Iterator[Freight]:
        return candidates(self.rules, self.stage, self.line, (self.current, self.floor))

    def _nothing(self) -> str:
        picture, name = self.rules.picture, self.line.warehouse
        return nothing_yet(picture.project.warehouse(name), picture)

    def _promotion(self, freight: Freight, passed: Passed, later: Pending | None) -> Decision:
        held = None if self.on_its_way else self.current
        soaking = still_soaking(self.rules, self.stage, self.line.warehouse, held)
        waiting = soaking or downgrade(self.picture, freight) or self._unasked(freight)
        if waiting is not None:
            return Waiting(waiting)
        return self._made(freight, passed, later)

    def _made(self, freight: Freight, passed: Passed, later: Pending | None) -> Decision:
        course = course_of(self, freight)
        waits = unproved_step(self, course)
        if waits is not None:
            return Waiting(waits)
        match self.changes(course.next):
            case promotion.Changes() as changes:
                return Promote(course.next, changes, passed, later, course=course)
            case pin.UpToDate():
                return UpToDate(freight.id, later)
            case promotion.Refused(reasons):
                return Blocked(reasons)
            case Unread() as unread:
                return unread

    def _unasked(self, freight: Freight) -> Pending | None:
        """With `promote: manual` nothing is proposed before somebody asks; what is open goes on."""
        if self.stage.opening is Opening.AUTO:
            return None
        if self.is_open(freight.id) or self.aim == freight.id:
            return None
        return Pending(
            f"{freight.alias} may enter {self.stage.name}, which takes what somebody asks for: "
            f"'{WORD} promote {freight.alias} to {self.stage.name}'"
        )
