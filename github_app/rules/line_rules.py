"""The promotion rules for one line of one stage: what it should do now, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from github_app.commands.verbs import WORD
from github_app.gates import Gate, GateState
from github_app.ledger import Asked, Note, Seen, StageNotes, Way
from github_app.ledger_times import time_text
from github_app.picture import LinePicture, MissingPlace
from github_app.rules.adoption import held_freight, is_downgrade, says
from github_app.rules.arrivals import nothing_yet
from github_app.rules.asking import (
    UPSTREAM,
    active_ask,
    consents_to,
    overridden,
    resumed_since,
    standing_hold,
)
from github_app.rules.availability import Passed, Pending, Rules, Standing, sooner
from github_app.rules.brought import Bringer, brings, leads, undone, unpinned_in
from github_app.rules.decision import (
    Blocked,
    Decision,
    Held,
    Promote,
    Unread,
    UpToDate,
    Waiting,
)
from github_app.rules.matching import followed, follows, passed_by
from github_app.rules.overview import UNKNOWN
from github_app.rules.rejections import by_closing, rejections, rejects
from github_app.rules.reverts import taken_back
from github_app.rules.rollout import rollout_gate
from github_app.rules.unfit import unfit
from github_app.rules.verification import Disproved
from plugin import holding as holdings
from plugin import promotion
from plugin.disks.policy import Terms, Unconsented
from plugin.freight import Freight, FreightId, alias_of
from plugin.pins import pin
from plugin.pipeline import Line, Stage, Supersede
from plugin.record import Record
from plugin.stage_policy import Opening

_RESUME = f"{WORD} resume"


@dataclass(frozen=True, slots=True)
class LineRules:
    """The rules of one line of one stage."""

    rules: Rules
    stage: Stage
    line: Line
    picture: LinePicture
    head: str
    repository: str
    current: FreightId | None = field(init=False)
    asked: Asked | None = field(init=False)

    def __post_init__(self) -> None:
        current = held_freight(self.picture.holding, self._seen())
        stays = self.rules.all_stays(self.stage.name, self.line.warehouse)
        object.__setattr__(self, "current", current)
        asked = active_ask(self._notes, self.line.warehouse, stays, current)
        object.__setattr__(self, "asked", asked)

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
                asked = self.asked
                return self.stopped() or (self._wanted(asked) if asked else self._candidate())

    def stopped(self) -> Held | None:
        """What a person did here that stops the line, if anything; never what was asked for since.

        What was changed by hand is not overwritten, but may be adopted.
        """
        match self.picture.holding:
            case holdings.Unmanaged(record, _, details) if not self._adopts():
                return self._unmanaged(record, details)
            case _:
                return self.on_hold() or self._taken_back()

    def on_hold(self) -> Held | None:
        """The hold that somebody put on the line and nobody lifted."""
        note = standing_hold(self._notes, self.line.warehouse, self.asked)
        if note is None:
            return None
        return Held(f"held by {note.who} at {time_text(note.at)}: {note.why}")

    def standing(self, freight: FreightId) -> Standing:
        """Whether `freight` may enter the stage."""
        asked = self.asked if self.asked and self.asked.freight == freight else None
        if asked is None and self._is_rejected(freight, itself=follows(self.line)):
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
        let = overridden(self._notes, UPSTREAM, freight)
        if let is not None:
            return Passed(f"overridden by {let.who} at {time_text(let.at)}: {let.why}")
        passed = None if asked else passed_by(self.rules, self.line, freight)
        return passed or self.rules.availability(self.stage, self.line, freight)

    def rollout(self, freight: FreightId) -> Gate | None:
        """Whether it is this stage's turn among those of its matrix, if they take turns."""
        return rollout_gate(self.rules, self.stage, self.line, freight)

    def is_newer(self, freight: FreightId) -> bool:
        """Whether `freight` became the newest after what the stage holds did.

        A line that follows its upstream has something before it while the two differ.
        """
        if follows(self.line):
            ahead = followed(self.rules, self.line)
            return ahead is None or ahead.id != self.current
        return self.order(freight) > self.order(self.current)

    def is_candidate(self, freight: FreightId) -> bool:
        """Whether the line would take `freight` by itself, if it is let in: nothing newer is."""
        for one in self._newer():
            if one.id == freight:
                return True
            if isinstance(self.standing(one.id), Passed):
                return False
        return False

    def changes(
        self, freight: Freight
    ) -> promotion.Changes | pin.UpToDate | promotion.Refused | Unread:
        """The files that make the stage hold `freight`."""
        if brings(self.stage):
            bringer = Bringer(self.rules.picture, self.stage, self.line, self._terms(freight))
            return bringer.changes(freight, self._record(freight))
        return promotion.promote(
            self.picture.directory,
            self.rules.picture.project.warehouse(self.line.warehouse),
            self.picture.files,
            freight,
            self._record(freight),
            self.stage.pins,
            terms=self._terms(freight),
            unpinned=unpinned_in(self.rules.picture.project, self.rules.picture.origin),
        )

    def _terms(self, freight: Freight) -> Terms:
        consents = consents_to(freight, self._notes)
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

    def _is_rejected(self, freight: FreightId, *, itself: bool = False) -> bool:
        """Whether it was rejected here, or, unless only `itself` counts, any that is not older.

        An open promotion that carries it has been opened again by a person, who wants it.
        """
        opened = self._is_open(freight)
        return any(
            rejects(note, freight, self._seen(), self.order)
            for note in rejections(self._notes)
            if (note.freight == freight or not itself)
            and not (opened and (by_closing(note) or note.freight != freight))
        )

    def _is_open(self, freight: FreightId) -> bool:
        """Whether the open promotion carries it."""
        head = self.picture.head if self.picture.open else None
        return head is not None and head.freight is not None and head.freight.id == freight

    def _turn(self, freight: Freight) -> Pending | None:
        """Whose turn it is instead; what is open stays, and its gate says so."""
        gate = self.rollout(freight.id)
        if gate is None or gate.state is GateState.PASSED or self._is_open(freight.id):
            return None
        return Pending(gate.text)

    def forbidden(self, freight: FreightId) -> Note | None:
        """The word of somebody who rejected exactly this freight, not just closed its proposal."""
        found = (one for one in rejections(self._notes) if one.freight == freight)
        return next((one for one in found if not by_closing(one)), None)

    @property
    def _notes(self) -> StageNotes:
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

    def _unmanaged(self, record: Record | None, details: tuple[str, ...]) -> Held:
        who = f", last changed by {self.picture.changed_by}" if self.picture.changed_by else ""
        mend = "put the pins back to what the record says" if record else "make these pins agree"
        return Held(
            f"unmanaged change in {self.stage.name}{who}: {'; '.join(details)}. "
            f"To go on, {mend}, or revert that change"
            + (f"; '{_RESUME}' adopts it" if record else "")
        )

    def _taken_back(self) -> Held | None:
        stays = self.rules.all_stays(self.stage.name, self.line.warehouse)
        taken = taken_back(self.picture, stays, self.current, self.order)
        warehouse = self.line.warehouse
        if taken is None or resumed_since(self._notes, warehouse, taken.at):
            return None
        if self.asked is not None and self.asked.at >= taken.at:
            return None
        to = alias_of(self.current) if self.current else "what it held before"
        return Held(
            f"{self.stage.name} was taken back from {alias_of(taken.freight)} to {to} at "
            f"{time_text(taken.at)}. To go on, revert that change, or '{_RESUME}'"
        )

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
            case holdings.Managed(record) if self._leads:
                return self._brought(record.freight, later)
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
        if self._is_rejected(freight.id, itself=True):
            return UpToDate(freight.id, later)
        return self._made(freight, Passed(holds), later)

    def _brought(self, freight: Freight, later: Pending | None) -> Decision:
        """What the stage holds, of the files that it should have by now.

        What somebody took out again after it was merged is theirs until they let it come.
        """
        holds = f"{self.stage.name} holds {freight.alias} already, of other sources"
        made = self._anew(freight, holds, later)
        last = self.picture.last
        if last is None or not isinstance(made, Promote) or not undone(made.changes, self.picture):
            return made
        at = last.closed_at or last.created_at
        if resumed_since(self._notes, self.line.warehouse, at):
            return made
        return Held(
            f"files that #{last.number} brought to {self.stage.name} were changed there since. To "
            f"go on, take that change back, change their sources, or '{_RESUME}'"
        )

    @property
    def _leads(self) -> bool:
        """Whether a change of what comes from elsewhere alone is this line's to bring."""
        return brings(self.stage) and leads(self.stage, self.line, self.rules.picture)

    def _newer(self) -> Iterator[Freight]:
        """Freight that became the newest after what the stage holds, the newest first.

        Without what cannot have passed the upstreams, but for the very newest: people ask for it.
        A line that follows its upstream goes where that goes, back as well.
        """
        if follows(self.line):
            ahead = followed(self.rules, self.line)
            return iter(() if ahead is None or ahead.id == self.current else (ahead,))
        seen = self._seen()
        newest = len(seen) - 1
        possible = self.rules.may_have_passed(self.stage, self.line)
        places: Iterable[int] = range(newest, UNKNOWN, -1)
        if possible is not None:
            let = {one.freight for one in self._notes.overridden if one.gate == UPSTREAM}
            places = sorted({newest, *map(self.order, possible | let)}, reverse=True)
        floor = self.order(self.current)
        return (seen[place].freight for place in places if place > floor)

    def _nothing(self) -> str:
        picture, name = self.rules.picture, self.line.warehouse
        return nothing_yet(picture.project.warehouse(name), picture)

    def _promotion(self, freight: Freight, passed: Passed, later: Pending | None) -> Decision:
        waiting = self._still_soaking() or self._downgrade(freight) or self._unasked(freight)
        if waiting is not None:
            return Waiting(waiting)
        return self._made(freight, passed, later)

    def _made(self, freight: Freight, passed: Passed, later: Pending | None) -> Decision:
        match self.changes(freight):
            case promotion.Changes() as changes:
                return Promote(freight, changes, passed, later)
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
        if self._is_open(freight.id):
            return None
        return Pending(
            f"{freight.alias} may enter {self.stage.name}, which takes what somebody asks for: "
            f"'{WORD} promote {freight.alias} to {self.stage.name}'"
        )

    def _downgrade(self, freight: Freight) -> Pending | None:
        """Pins without a record were chosen by somebody: never take them back."""
        match self.picture.holding:
            case holdings.Adopted(held):
                pass
            case _:
                return None
        for one in held:
            artifact = freight.artifact(one.subject)
            if artifact and one.tag and is_downgrade(one.tag, artifact.tag):
                return Pending(
                    f"{self.stage.name} holds {one}, newer than {artifact.tag} of "
                    f"{freight.alias}: what it was found with is never downgraded"
                )
        return None

    def _still_soaking(self) -> Pending | None:
        """With `supersede: after-soak` freight stays until downstream stages could take it.

        Unless it failed there: then it never will, and what mends it must not wait.
        """
        if self.stage.supersede is not Supersede.AFTER_SOAK or self.current is None:
            return None
        name, warehouse = self.stage.name, self.line.warehouse
        wanted = self.rules.overview.wanted_soak(name, warehouse)
        since = self.rules.held_since(name, warehouse, self.current)
        soaked = self.rules.soaked(name, warehouse, self.current) >= wanted
        failed = isinstance(self.rules.verdict(self.stage, warehouse), Disproved)
        if soaked or failed or since is None:
            return None
        until = since + wanted
        return Pending(
            f"{alias_of(self.current)} soaks in {name} until {time_text(until)} "
            "before newer freight may displace it",
            until,
        )
