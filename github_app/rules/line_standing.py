"""One line of one stage: what it holds, who stopped it, and what may enter it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from github_app.gates import Gate
from github_app.ledger import Seen
from github_app.ledger_times import time_text
from github_app.notes import Asked, Note, StageNotes, Way
from github_app.picture import LinePicture
from github_app.rules import stopping
from github_app.rules.adoption import held_freight, led_to, says
from github_app.rules.asking import (
    UPSTREAM,
    active_ask,
    consents_to,
    overridden,
    standing_hold,
)
from github_app.rules.availability import Passed, Pending, Rules, Standing
from github_app.rules.bringer import Bringer
from github_app.rules.brought import Answer, brings, leads, undone, unpinned_in
from github_app.rules.candidates import is_ahead
from github_app.rules.decision import Held
from github_app.rules.matching import follows, passed_by
from github_app.rules.overview import UNKNOWN
from github_app.rules.rejections import by_closing, rejections, rejects
from github_app.rules.reverts import taken_back
from github_app.rules.rollout import rollout_gate
from github_app.rules.unfit import unfit
from plugin import holding as holdings
from plugin import promotion
from plugin.disks.policy import Terms, Unconsented
from plugin.freight import Freight, FreightId, alias_of
from plugin.pins import pin
from plugin.pipeline import Line, Stage
from plugin.record import Record


@dataclass(frozen=True, slots=True)
class LineStanding:
    """What is so of one line of one stage, before anybody decides what to do."""

    rules: Rules
    stage: Stage
    line: Line
    picture: LinePicture
    head: str
    repository: str
    current: FreightId | None = field(init=False)
    asked: Asked | None = field(init=False)
    _changes: dict[FreightId, Answer] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        current = held_freight(self.picture.holding, self._seen())
        stays = self.rules.all_stays(self.stage.name, self.line.warehouse)
        object.__setattr__(self, "current", current)
        asked = active_ask(self.notes, self.line.warehouse, stays, current)
        object.__setattr__(self, "asked", asked)

    def stopped(self) -> Held | None:
        """What a person did here that stops the line, if anything; never what was asked for since.

        What was changed by hand is not overwritten, but may be adopted.
        """
        match self.picture.holding:
            case holdings.Unmanaged(record, _, details) if not self._adopts():
                return stopping.unmanaged(self.picture, record, details)
            case _:
                return self.on_hold() or self._taken_back() or self._taken_out()

    def _taken_out(self) -> Held | None:
        """Files that somebody took out of the stage again are theirs until they let them come."""
        match self.brought():
            case promotion.Changes() as changes if undone(changes, self.picture):
                return stopping.changed_since(self.picture, self.notes)
            case _:
                return None

    def brought(self) -> Answer:
        """What the stage should have by now besides the freight that it holds, if this line leads.

        Whoever leads brings a change of what comes from elsewhere alone.
        """
        match self.picture.holding:
            case holdings.Managed(record) if brings(self.stage):
                leading = leads(self.stage, self.line, self.rules.picture)
                return self.changes(record.freight) if leading else pin.UpToDate()
            case _:
                return pin.UpToDate()

    def on_hold(self) -> Held | None:
        """The hold that somebody put on the line and nobody lifted."""
        note = standing_hold(self.notes, self.line.warehouse, self.asked)
        return stopping.held(note) if note else None

    def standing(self, freight: FreightId) -> Standing:
        """Whether `freight` may enter the stage."""
        asked = self.asked if self.asked and self.asked.freight == freight else None
        if asked is None and self.is_rejected(freight, itself=follows(self.line)):
            return Pending(f"{alias_of(freight)} was rejected for {self.stage.name}")
        missing = unfit(self.rules.picture, self.line.warehouse, freight)
        return missing or self._past(asked) or self._available(freight, asked)

    def _past(self, asked: Asked | None) -> Passed | None:
        """The way of what need not come through the upstreams, if it was asked for so."""
        if asked is None:
            return None
        who = f"{asked.who} at {time_text(asked.at)}: {asked.why}"
        if asked.way is Way.HOTFIX:
            return Passed(f"hotfix by {who}")
        if asked.way is Way.ROLLBACK:
            return Passed(f"{self.stage.name} held it before; rollback by {who}")
        if self._adopts():
            return Passed(f"{self.stage.name} holds it already; adopted by {who}")
        return None

    def _available(self, freight: FreightId, asked: Asked | None) -> Standing:
        let = overridden(self.notes, UPSTREAM, freight)
        if let is not None:
            return Passed(f"overridden by {let.who} at {time_text(let.at)}: {let.why}")
        passed = None if asked else passed_by(self.rules, self.line, freight)
        return passed or self.rules.availability(self.stage, self.line, freight)

    def rollout(self, freight: FreightId) -> Gate | None:
        """Whether it is this stage's turn among those of its matrix, if they take turns."""
        asked = self.asked is not None and self.asked.freight == freight
        return rollout_gate(self.rules, self.stage, self.line, freight, asked=asked)

    def is_newer(self, freight: FreightId) -> bool:
        """Whether `freight` comes after what the stage holds."""
        return is_ahead(self.rules, self.line, freight, (self.current, self.floor))

    def changes(self, freight: Freight) -> Answer:
        """The files that make the stage hold `freight`."""
        if freight.id not in self._changes:
            self._changes[freight.id] = self._made_for(freight)
        return self._changes[freight.id]

    @property
    def aim(self) -> FreightId | None:
        """The freight that the stage holds, or that it is on its way to."""
        return led_to(self.picture.holding) or self.current

    @property
    def on_its_way(self) -> bool:
        """Whether the stage holds a step, and the freight not as a whole yet."""
        return self.current is not None and self.aim != self.current

    @property
    def floor(self) -> int:
        """The place in the order above which freight is news to the stage.

        What it is on its way to has not come yet; if that was forgotten, only the newest may come.
        """
        if not self.on_its_way:
            return self.order(self.current)
        place = self.order(self.aim)
        return (len(self._seen()) - 1 if place == UNKNOWN else place) - 1

    def _made_for(self, freight: Freight) -> Answer:
        record, terms = self._record(freight), self._terms(freight)
        if brings(self.stage):
            bringer = Bringer(self.rules.picture, self.stage, self.line, terms)
            return bringer.changes(freight, record)
        return promotion.promote(
            self.picture.directory,
            self.rules.picture.project.warehouse(self.line.warehouse),
            self.picture.files,
            freight,
            record,
            self.stage.pins,
            terms=terms,
            unpinned=unpinned_in(self.rules.picture.project, self.rules.picture.origin),
        )

    def _terms(self, freight: Freight) -> Terms:
        consents = consents_to(freight, self.notes)
        return Terms(self.stage.disks_kept, consents, unconsented=Unconsented.PROPOSED)

    def _record(self, freight: Freight) -> Record:
        """The record that a promotion writes; to write the same freight anew displaces nothing."""
        previous = self.current
        match self.picture.holding:
            case holdings.Managed(record) if record.freight == freight:
                previous = record.previous
            case holdings.Unmanaged(record) if record is not None:
                previous = record.freight.id
            case _:
                pass
        return Record(freight, self.repository, self.head, previous, self.stage.write)

    def order(self, freight: FreightId | None) -> int:
        """The place of `freight` in the order in which sets last became newest; -1 unknown."""
        return self.rules.overview.order(self.line.warehouse, freight)

    def _seen(self) -> tuple[Seen, ...]:
        return self.rules.picture.ledger.seen(self.line.warehouse)

    def is_rejected(self, freight: FreightId, *, itself: bool = False) -> bool:
        """Whether it was rejected here, or, unless only `itself` counts, any that is not older.

        An open promotion that carries it has been opened again by a person, who wants it.
        """
        opened = self.is_open(freight)
        return any(
            rejects(note, freight, self._seen(), self.order)
            for note in rejections(self.notes)
            if (note.freight == freight or not itself)
            and not (opened and (by_closing(note) or note.freight != freight))
        )

    def is_open(self, freight: FreightId) -> bool:
        """Whether the open promotion carries it."""
        head = self.picture.head if self.picture.open else None
        return head is not None and head.freight is not None and head.freight.aim == freight

    def forbidden(self, freight: FreightId) -> Note | None:
        """The word of somebody who rejected exactly this freight, not just closed its proposal."""
        found = (one for one in rejections(self.notes) if one.freight == freight)
        return next(
            (
                one
                for one in found
                if rejects(one, freight, self._seen(), self.order) and not by_closing(one)
            ),
            None,
        )

    @property
    def notes(self) -> StageNotes:
        """The stage's notes in the ledger."""
        return self.rules.picture.ledger.notes(self.stage.name)

    def _adopts(self) -> bool:
        """Whether what was asked for is what somebody changed the pins to by hand."""
        if self.asked is None:
            return False
        found = self.rules.picture.ledger.find(self.line.warehouse, self.asked.freight)
        match self.picture.holding:
            case holdings.Unmanaged(record, pins) if record is not None and found is not None:
                return says(pins, found.freight)
            case _:
                return False

    def _taken_back(self) -> Held | None:
        stays = self.rules.all_stays(self.stage.name, self.line.warehouse)
        taken = taken_back(self.picture, stays, self.current, self.order)
        return stopping.reverted(self.picture, taken, self.notes, self.asked, self.current)
