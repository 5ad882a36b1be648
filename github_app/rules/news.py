"""The ledger with a round's news: freight, verifications, rejections, adoptions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from github_app.discovery import Discovered
from github_app.ledger import Ledger, Seen
from github_app.notes import NOTHING, Note, StageNotes
from github_app.picture import LinePicture, ProjectPicture
from github_app.pulls import Closer, PullRequest, PullState
from github_app.rules.adoption import adopted_freight
from github_app.rules.arrivals import arrived
from github_app.rules.rejections import closing
from github_app.rules.reports import with_reports
from github_app.rules.reviewed import with_reviews
from github_app.rules.stays import current
from github_app.rules.verifying import Verifying
from plugin import holding as holdings
from plugin.freight import FreightId
from plugin.pipeline import Stage


def brought_up_to_date(picture: ProjectPicture, now: datetime) -> Ledger:
    """The project's ledger with everything the picture shows written into it."""
    before = picture.ledger
    about = _about(picture.lines.values())
    ledger = before
    for warehouse in picture.project.warehouses:
        come = arrived(ledger, warehouse, picture, now)
        mine = about.get(warehouse.name, ())
        ledger = _with_freight(come.ledger, warehouse.name, mine, come.newest, now)
    stages = dict(before.stages)
    for stage in picture.project.stages:
        if told := picture.reported.get(stage.name):
            stages[stage.name] = with_reports(stages.get(stage.name, NOTHING), told)
        for line in stage.lines:
            seen = picture.lines.get((stage.name, line.warehouse))
            if seen is None:
                continue
            notes = stages.get(stage.name, NOTHING)
            after = _News(before, ledger, stage, seen, now).added_to(notes)
            after = with_reviews(after, stage, seen, picture.rendered)
            if after != notes:
                stages[stage.name] = after
    return replace(ledger, stages=stages)


def _about(lines: Iterable[LinePicture]) -> Mapping[str, Iterable[Seen]]:
    """By warehouse the freight that stages hold and our open promotions carry, since when."""
    about: dict[str, list[Seen]] = {}
    for line in lines:
        about.setdefault(line.warehouse, []).extend((*_held(line), *_carried(line)))
    return about


def _held(line: LinePicture) -> Iterator[Seen]:
    stay = current(line.stays)
    match line.holding:
        case holdings.Managed(record) if stay is not None and record.freight.towards is None:
            yield Seen(record.freight, stay.since)
        case _:
            pass


def _carried(line: LinePicture) -> Iterator[Seen]:
    freight = line.head.freight if line.head and line.head.ours else None
    if line.open and freight and freight.towards is None:
        yield Seen(freight, line.open.created_at)


def _with_freight(
    ledger: Ledger, warehouse: str, about: Iterable[Seen], found: Discovered | None, now: datetime
) -> Ledger:
    """The newest freight, and below it what is about although the ledger forgot it.

    A ledger may be lost, or one commit of it, after a promotion was made: were the freight's place
    in the order unknown, older freight would displace it.
    """
    newest = found.freight if found else None
    forgotten = {one.freight.id: one for one in sorted(about, key=lambda one: one.newest_at)}
    known = {one.freight.id for one in ledger.seen(warehouse)} | ({newest.id} if newest else set())
    for freight, one in forgotten.items():
        if freight not in known:
            ledger = ledger.with_forgotten(one, newest)
    return ledger.with_newest(found.freight, now, found.facts) if found else ledger


@dataclass(frozen=True, slots=True)
class _News:
    """What one line's picture adds to its stage's notes; `before` is the ledger as it was read."""

    before: Ledger
    ledger: Ledger
    stage: Stage
    line: LinePicture
    now: datetime

    def added_to(self, notes: StageNotes) -> StageNotes:
        """The notes with this round's news."""
        return self._adoption(self._verification(self._rejection(notes)))

    def _rejection(self, notes: StageNotes) -> StageNotes:
        """A person closed the promotion unmerged: it is rejected; reopening takes that back."""
        if self.line.open is not None:
            why = closing(self.line.open)
            return replace(notes, rejected=tuple(one for one in notes.rejected if one.why != why))
        last = self.line.last
        if last is None or last.closed_by is not Closer.PERSON or last.state is PullState.MERGED:
            return notes
        freight, why = self._rejected_freight(), closing(last)
        known = [one.freight for one in notes.rejected if one.why == why]
        # The lines of a group have one pull request, and each its own freight in it.
        if freight is None or freight in known or (known and not self.stage.group):
            return notes
        note = Note(freight, self._rejected_at(last, freight), last.closer, why)
        return replace(notes, rejected=(*notes.rejected, note))

    def _rejected_freight(self) -> FreightId | None:
        """What the closed pull request carried; the newest known if its branch does not tell."""
        carried = self.line.last_towards or self.line.last_freight
        if self.stage.group:
            # What it leaves as it stands it did not carry.
            stay = current(self.line.stays)
            return None if stay is not None and stay.freight == carried else carried
        seen = self.before.seen(self.line.warehouse)
        return carried or (seen[-1].freight.id if seen else None)

    def _rejected_at(self, last: PullRequest, freight: FreightId) -> datetime:
        """Never before the freight became the newest: GitHub's clock is not ours."""
        seen = self.ledger.find(self.line.warehouse, freight)
        closed = last.closed_at or self.now
        return max(closed, seen.newest_at) if seen else closed

    def _verification(self, notes: StageNotes) -> StageNotes:
        return Verifying(self.ledger, self.stage, self.line, self.now).added_to(notes)

    def _adoption(self, notes: StageNotes) -> StageNotes:
        """Pins without a record that hold known freight count as holding it from now on."""
        match self.line.holding:
            case holdings.Adopted() as adopted:
                seen = self.ledger.seen(self.line.warehouse)
                freight = adopted_freight(adopted, seen)
            case _:
                return notes
        mine = {one.freight.id for one in seen}
        last = next((one.freight for one in reversed(notes.adopted) if one.freight in mine), None)
        if freight is None or last == freight.id:
            return notes
        note = Note(freight.id, self.now, "towline", "found in the pins, without a record")
        return replace(notes, adopted=(*notes.adopted, note))
