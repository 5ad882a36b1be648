"""What one line should do now, and why: the promotion rules, one line at a time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from github_app.adoption import adopted_freight, is_downgrade
from github_app.availability import Passed, Pending, Rules, Standing
from github_app.ledger import Seen, time_text
from github_app.picture import LinePicture, MissingPlace, Stay
from plugin import promotion
from plugin.freight import Freight, FreightId, alias_of
from plugin.pipeline import After, Line, Stage, Supersede
from plugin.record import Record


@dataclass(frozen=True, slots=True)
class Promote:
    """Freight should move into the stage; `changes` are the files of its pull request."""

    freight: Freight
    changes: promotion.Changes
    standing: Passed
    later: Pending | None = None


@dataclass(frozen=True, slots=True)
class UpToDate:
    """The stage holds the newest freight it may take."""

    freight: FreightId | None
    later: Pending | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing may move yet."""

    pending: Pending


@dataclass(frozen=True, slots=True)
class Held:
    """A person must decide before anything moves."""

    reason: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The line cannot be worked on; each reason says where, what and what to do."""

    reasons: tuple[str, ...]


Decision: TypeAlias = Promote | UpToDate | Waiting | Held | Blocked
RESUME = "comment '/towline resume' on its last pull request, or commit what it should hold"


@dataclass(frozen=True, slots=True)
class LineRules:
    """The rules of one line of one stage."""

    rules: Rules
    stage: Stage
    line: Line
    picture: LinePicture
    head: str
    repository: str

    def decision(self) -> Decision:
        """What the line should do now."""
        match self.picture.base:
            case MissingPlace(reason):
                return Blocked((reason,))
            case _:
                pass
        match self.picture.holding:
            case promotion.Unreadable(reasons):
                return Blocked(reasons)
            case promotion.Unmanaged():
                return self._unmanaged(self.picture.holding)
            case promotion.Empty() | promotion.Managed() | promotion.Adopted():
                return self._held() or self._candidate()
            case _:
                assert_never(self.picture.holding)

    def current(self) -> FreightId | None:
        """The freight the stage holds, if it is known: recorded, or adopted from its pins."""
        match self.picture.holding:
            case promotion.Managed(record):
                return record.freight.id
            case promotion.Adopted():
                adopted = adopted_freight(self.picture.holding, self._seen())
                return adopted.id if adopted else None
            case _:
                return None

    def standing(self, freight: FreightId) -> Standing:
        """Whether `freight` may enter the stage."""
        if self._order(freight) <= self._rejected():
            return Pending(f"{alias_of(freight)} was rejected for {self.stage.name}")
        return self.rules.availability(self.stage, self.line, freight)

    def _seen(self) -> tuple[Seen, ...]:
        return self.rules.picture.ledger.seen(self.line.warehouse)

    def _order(self, freight: FreightId | None) -> int:
        """The place of `freight` in the order in which sets last became the newest; -1 unknown."""
        ids = [one.freight.id for one in self._seen()]
        return ids.index(freight) if freight in ids else -1

    def _rejected(self) -> int:
        """Freight up to this place in the order is not proposed: newer freight must come first."""
        notes = self.rules.picture.ledger.notes(self.stage.name).rejected
        return max((self._order(one.freight) for one in notes), default=-1)

    def _resumed_since(self, moment: datetime) -> bool:
        notes = self.rules.picture.ledger.notes(self.stage.name).resumed
        return any(one.warehouse == self.line.warehouse and one.at >= moment for one in notes)

    def _unmanaged(self, holding: promotion.Unmanaged) -> Decision:
        who = f", last changed by {self.picture.changed_by}" if self.picture.changed_by else ""
        details = "; ".join(holding.details)
        return Held(
            f"unmanaged change in {self.stage.name}{who}: {details}. "
            f"Restore what {self.picture.directory or 'the branch'} held, or promote by its record"
        )

    def _held(self) -> Decision | None:
        for note in self.rules.picture.ledger.notes(self.stage.name).held:
            if note.warehouse == self.line.warehouse and not self._resumed_since(note.at):
                return Held(f"held by {note.who} at {time_text(note.at)}: {note.why}")
        return self._went_back()

    def _went_back(self) -> Decision | None:
        """A revert takes pins and record back together; whoever did it does not want it again."""
        if not self.picture.stays:
            return None
        last = self.picture.stays[-1]
        if last.until is not None:
            return self._hold_of(last, last.until, "nothing")
        before = next(
            (one for one in reversed(self.picture.stays[:-1]) if one.freight != last.freight), None
        )
        if before is None or self._order(last.freight) >= self._order(before.freight):
            return None
        return self._hold_of(before, last.since, alias_of(last.freight))

    def _hold_of(self, left: Stay, at: datetime, now_held: str) -> Decision | None:
        if self._resumed_since(at):
            return None
        return Held(
            f"{self.stage.name} was taken back from {alias_of(left.freight)} to {now_held} "
            f"at {time_text(at)}; to go on, {RESUME}"
        )

    def _candidate(self) -> Decision:
        current = self.current()
        floor = max(self._order(current), self._rejected())
        later: Pending | None = None
        for seen in reversed(self._seen()[floor + 1 :]):
            match self.standing(seen.freight.id):
                case Passed() as passed:
                    return self._promotion(seen.freight, passed, later)
                case Pending() as pending:
                    later = _sooner(later, pending)
        if current is not None:
            return UpToDate(current, later)
        return Waiting(later or Pending(self._nothing()))

    def _nothing(self) -> str:
        if self._seen():
            return f"no freight of warehouse {self.line.warehouse} may enter {self.stage.name} yet"
        return f"warehouse {self.line.warehouse} has no freight yet"

    def _promotion(self, freight: Freight, passed: Passed, later: Pending | None) -> Decision:
        waiting = self._still_soaking()
        if waiting is not None:
            return Waiting(waiting)
        downgrade = self._downgrade(freight)
        if downgrade:
            return Held(downgrade)
        match promotion.promote(
            self.picture.directory,
            self.rules.picture.project.warehouse(self.line.warehouse),
            self.picture.files,
            freight,
            Record(freight, self.repository, self.head, self.current()),
        ):
            case promotion.Changes() as changes:
                return Promote(freight, changes, passed, later)
            case promotion.UpToDate():
                return UpToDate(freight.id, later)
            case promotion.Refused(reasons):
                return Blocked(reasons)

    def _downgrade(self, freight: Freight) -> str | None:
        """Pins without a record were chosen by somebody: never take them back."""
        match self.picture.holding:
            case promotion.Adopted(held):
                pass
            case _:
                return None
        for one in held:
            artifact = freight.artifact(one.repository)
            if artifact and one.tag and is_downgrade(one.tag, artifact.tag):
                return (
                    f"{self.stage.name} holds {one}, newer than {artifact.tag} of "
                    f"{freight.alias}: adopted, and never downgraded"
                )
        return None

    def _still_soaking(self) -> Pending | None:
        """With `supersede: after-soak` freight stays until downstream stages could take it."""
        current = self.current()
        if self.stage.supersede is not Supersede.AFTER_SOAK or current is None:
            return None
        left = self._wanted_soak() - self.rules.soaked(
            self.stage.name, self.line.warehouse, current
        )
        if left <= timedelta(0):
            return None
        until = self.rules.now + left
        return Pending(
            f"{alias_of(current)} soaks in {self.stage.name} until {time_text(until)} "
            "before newer freight may displace it",
            until,
        )

    def _wanted_soak(self) -> timedelta:
        soaks = [
            upstream.soak
            for stage in self.rules.picture.project.stages
            for line in stage.lines
            if line.warehouse == self.line.warehouse and isinstance(line.source, After)
            for upstream in line.source.upstreams
            if upstream.stage == self.stage.name
        ]
        return max(soaks, default=timedelta(0))


def _sooner(one: Pending | None, other: Pending) -> Pending:
    """Of two things waited for, the one that time ends first; the newer freight's if neither."""
    if one is None or (one.until is None and other.until is not None):
        return other
    if one.until is not None and other.until is not None and other.until < one.until:
        return other
    return one
