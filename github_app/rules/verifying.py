"""A stage's notes with what its verification came to: proved, or failed and taken back. Pure.

Kargo's rules: freight stays verified unless somebody asks for its verification once more, and what
failed is taken back only where nothing else is going on
(https://docs.kargo.io/user-guide/how-to-guides/verification).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from github_app.ledger import Ledger
from github_app.notes import Asked, LineNote, Note, StageNotes, Way
from github_app.picture import LinePicture, ProjectPicture, Stay
from github_app.rules.reading_back import AsPromoted, promotion_of, read_back
from github_app.rules.stays import current
from github_app.rules.verification import Disproved, Proved, Trial, Unproved, Verdict, verdict
from plugin import holding as holdings
from plugin.freight import FreightId, alias_of
from plugin.pipeline import Stage

TOO_LATE = timedelta(minutes=20)
"""A failure found so long after it happened is no reason to act without a person (Kargo's)."""
_LONGEST = 300
LOOK_AGAIN = timedelta(seconds=30)
"""How soon Argo CD is asked again, where it does not tell by itself."""
US = "towline"
READ_BACK = "read back"
"""Who found that a merge brought something else than its promotion said."""


def proof_of(notes: StageNotes, freight: FreightId) -> Note | None:
    """When and how the stage verified `freight` first, since somebody last asked for it anew."""
    asked = asked_again(notes, freight)
    proofs = (one for one in notes.verified if one.freight == freight)
    return next((one for one in proofs if asked is None or one.at > asked), None)


def asked_again(notes: StageNotes, freight: FreightId) -> datetime | None:
    """When somebody last asked for the verification of `freight` to be made anew."""
    return max((one.at for one in notes.again if one.freight == freight), default=None)


def trial_of(notes: StageNotes, stay: Stay, now: datetime) -> Trial:
    """The attempt to verify the freight of `stay` that is under way."""
    asked = asked_again(notes, stay.freight)
    if asked is not None and asked >= stay.since:
        return Trial(asked, now, anew=True)
    return Trial(stay.since, now)


def failure_of(notes: StageNotes, stay: Stay, now: datetime) -> Note | None:
    """The failure of the attempt that is under way, if that was noted."""
    begun = trial_of(notes, stay, now).begun
    mine = (one for one in notes.failed if (one.freight, one.who) == (stay.freight, US))
    return next((one for one in mine if one.at >= begun), None)


def tried(stage: Stage, line: LinePicture, notes: StageNotes, now: datetime) -> Verdict:
    """What the stage's conditions come to for what the line holds now."""
    stay = current(line.stays)
    trial = trial_of(notes, stay, now) if stay else None
    return verdict(stage.verify, line.results, stage.name, trial)


@dataclass(frozen=True, slots=True)
class Verifying:
    """One line of one stage and its verification, at one moment; `ledger` knows all freight."""

    ledger: Ledger
    stage: Stage
    line: LinePicture
    now: datetime

    def added_to(self, notes: StageNotes) -> StageNotes:
        """The notes with this round's proof or failure, and the way back from that."""
        notes = self._read_back(notes)
        freight = self._on_trial()
        if freight is None or proof_of(notes, freight):
            return notes
        match tried(self.stage, self.line, notes, self.now):
            case Proved(by):
                note = Note(freight, self.now, by, f"succeeded on {self._where()}")
                return replace(notes, verified=(*notes.verified, note))
            case Disproved() as failure if not self._known(notes):
                note = Note(freight, self.now, US, failure.failed)
                return self._taken_back(replace(notes, failed=(*notes.failed, note)), failure)
            case Disproved() | Unproved():
                return notes

    def _on_trial(self) -> FreightId | None:
        """What the line holds, if the stage asks for proof of it."""
        match self.line.holding:
            case holdings.Managed(record) if self.stage.verify:
                return record.freight.id
            case _:
                return None

    def _where(self) -> str:
        stay = current(self.line.stays)
        return stay.commit if stay else "the branch's tip"

    def _known(self, notes: StageNotes) -> bool:
        """Whether the failure of this attempt has been noted; what nobody brought has none."""
        stay = current(self.line.stays)
        return stay is None or failure_of(notes, stay, self.now) is not None

    def _read_back(self, notes: StageNotes) -> StageNotes:
        """With what the merge brought that its promotion did not say, once."""
        brought, there = promotion_of(self.line), read_back(self.line)
        if brought is None or isinstance(there, AsPromoted):
            return notes
        stay = brought[1]
        known = (one for one in notes.failed if (one.freight, one.who) == (stay.freight, READ_BACK))
        if any(one.at >= stay.since for one in known):
            return notes
        note = Note(stay.freight, self.now, READ_BACK, "; ".join(there.reasons)[:_LONGEST])
        return replace(notes, failed=(*notes.failed, note))

    def _taken_back(self, notes: StageNotes, failure: Disproved) -> StageNotes:
        """With the earlier freight asked for and the line held, where that is for us to do."""
        target = self._target(notes)
        if target is None or not self._acts(notes, failure):
            return notes
        why = f"{failure.failed} failed on {alias_of(self._on_trial() or target)}"
        name = self.stage.name
        held = LineNote(self.line.warehouse, self.now, US, f"{why} in {name}, which is taken back")
        asked = Asked(self.line.warehouse, target, self.now, US, why, Way.ROLLBACK)
        return replace(notes, held=(*notes.held, held), asked=(*notes.asked, asked))

    def _acts(self, notes: StageNotes, failure: Disproved) -> bool:
        """Only on what a promotion brought lately, and where nobody is at work already."""
        stay = current(self.line.stays)
        if not self.stage.rollback or stay is None or self.line.brought is None:
            return False
        late = failure.at is not None and self.now - failure.at > TOO_LATE
        busy = self.line.open is not None or is_held(notes, self.line.warehouse)
        return not late and not busy and not came_back(notes, self.line.warehouse, stay)

    def _target(self, notes: StageNotes) -> FreightId | None:
        """What the line held before and was verified here; it must still be known."""
        for freight in _before(self.line.stays):
            known = self.ledger.find(self.line.warehouse, freight) is not None
            if known and proof_of(notes, freight):
                return freight
        return None


def timeouts(picture: ProjectPicture, ledger: Ledger, now: datetime) -> Iterator[datetime]:
    """When verifications that are under way will have failed, if nothing is said until then."""
    for stage in picture.project.stages:
        for line in stage.lines if stage.verify else ():
            seen = picture.lines.get((stage.name, line.warehouse))
            stay = current(seen.stays) if seen else None
            notes = ledger.notes(stage.name)
            if seen is None or stay is None or proof_of(notes, stay.freight):
                continue
            match tried(stage, seen, notes, now):
                case Unproved(until=until):
                    yield from (until,) if until else ()
                    yield from (now + LOOK_AGAIN,) if picture.polled else ()
                case _:
                    pass


def is_held(notes: StageNotes, warehouse: str) -> bool:
    """Whether somebody put a hold on the line that nobody lifted."""
    resumed = [one.at for one in notes.resumed if one.warehouse == warehouse]
    held = [one.at for one in notes.held if one.warehouse == warehouse]
    return bool(held) and not any(at >= max(held) for at in resumed)


def came_back(notes: StageNotes, warehouse: str, stay: Stay) -> bool:
    """Whether the freight of `stay` was brought by a rollback, which is never rolled back."""
    asked = [one for one in notes.asked if one.warehouse == warehouse]
    return bool(asked) and (asked[-1].freight, asked[-1].way) == (stay.freight, Way.ROLLBACK)


def _before(stays: tuple[Stay, ...]) -> Iterator[FreightId]:
    """What the line held before it held what it holds now, the latest first."""
    now = current(stays)
    return (one.freight for one in reversed(stays) if now and one.freight != now.freight)
