"""Which freight a stage's line may take: origin, verification, soak, approval. Pure rules.

After Kargo's availability rule (https://docs.kargo.io/user-guide/core-concepts): freight is
available when it comes straight from the warehouse, when it was approved for the stage, or when
one (or all) of the upstream stages verified it and held it for the soak time without a break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from github_app.ledger import time_text
from github_app.picture import ProjectPicture, Stay
from plugin.freight import FreightId, alias_of
from plugin.pipeline import After, Availability, Direct, Line, Stage, Upstream


@dataclass(frozen=True, slots=True)
class Passed:
    """The way is free."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What is being waited for, and until when if time alone decides."""

    reason: str
    until: datetime | None = None


Standing: TypeAlias = Passed | Pending


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one project at one moment."""

    picture: ProjectPicture
    now: datetime

    def availability(self, stage: Stage, line: Line, freight: FreightId) -> Standing:
        """Whether the stage's line may take `freight` now."""
        notes = self.picture.ledger.notes(stage.name)
        for note in notes.approved:
            if note.freight == freight:
                return Passed(f"approved by {note.who} at {time_text(note.at)}")
        match line.source:
            case Direct():
                return Passed(f"straight from warehouse {line.warehouse}")
            case After(upstreams, availability):
                standings = [self._passed(one, line.warehouse, freight) for one in upstreams]
                return _combined(standings, availability)

    def verified_at(self, stage: Stage, warehouse: str, freight: FreightId) -> datetime | None:
        """When the stage verified `freight`: by its checks, or by holding it where it has none."""
        notes = self.picture.ledger.notes(stage.name)
        known = notes.verified if stage.verify else notes.verified + notes.adopted
        times = [note.at for note in known if note.freight == freight]
        if not stage.verify:
            times += [stay.since for stay in self.stays(stage.name, warehouse, freight)]
        return min(times, default=None)

    def stays(self, stage: str, warehouse: str, freight: FreightId) -> tuple[Stay, ...]:
        """The stays of `freight` in the stage, oldest first, adopted ones included."""
        line = self.picture.lines.get((stage, warehouse))
        if line is None:
            return ()
        stays = tuple(stay for stay in line.stays if stay.freight == freight)
        if stays or line.stays:
            return stays
        adopted = self.picture.ledger.notes(stage).adopted
        return tuple(Stay(freight, note.at, "") for note in adopted if note.freight == freight)

    def soaked(self, stage: str, warehouse: str, freight: FreightId) -> timedelta:
        """The longest continuous stay of `freight` in the stage."""
        stays = self.stays(stage, warehouse, freight)
        return max(((stay.until or self.now) - stay.since for stay in stays), default=timedelta(0))

    def _passed(self, upstream: Upstream, warehouse: str, freight: FreightId) -> Standing:
        stage = self.picture.project.stage(upstream.stage)
        if stage.place is None:
            return self._through(stage, upstream.soak, warehouse, freight)
        if self.verified_at(stage, warehouse, freight) is None:
            return Pending(self._unverified(stage, warehouse, freight))
        left = upstream.soak - self.soaked(stage.name, warehouse, freight)
        if left <= timedelta(0):
            return Passed(f"verified in {stage.name}" + _soaked_words(upstream.soak))
        if self._held_now(stage.name, warehouse, freight):
            until = self.now + left
            return Pending(
                f"{alias_of(freight)} soaks in {stage.name} until {time_text(until)}", until
            )
        return Pending(
            f"{alias_of(freight)} left {stage.name} before it had soaked {upstream.soak}"
        )

    def _through(
        self, stage: Stage, soak: timedelta, warehouse: str, freight: FreightId
    ) -> Standing:
        """A control-flow stage holds nothing: its conditions and the soak pass to its upstreams."""
        line = stage.line(warehouse)
        if line is None:
            return Pending(f"{stage.name} takes no freight of warehouse {warehouse}")
        match line.source:
            case Direct():
                return Passed(f"straight from warehouse {warehouse} through {stage.name}")
            case After(upstreams, availability):
                standings = [
                    self._passed(Upstream(one.stage, max(one.soak, soak)), warehouse, freight)
                    for one in upstreams
                ]
                return _combined(standings, availability)

    def _held_now(self, stage: str, warehouse: str, freight: FreightId) -> bool:
        return any(stay.until is None for stay in self.stays(stage, warehouse, freight))

    def _unverified(self, stage: Stage, warehouse: str, freight: FreightId) -> str:
        if self._held_now(stage.name, warehouse, freight):
            return f"{alias_of(freight)} waits for verification in {stage.name}"
        return f"{alias_of(freight)} has not reached {stage.name}"


def _soaked_words(soak: timedelta) -> str:
    return f" and soaked {soak}" if soak else ""


def _combined(standings: Sequence[Standing], availability: Availability) -> Standing:
    pending = [one for one in standings if isinstance(one, Pending)]
    passed = [one for one in standings if isinstance(one, Passed)]
    if availability is Availability.ONE and passed:
        return passed[0]
    if availability is Availability.ALL and not pending:
        return Passed(", ".join(one.reason for one in passed))
    return Pending("; ".join(one.reason for one in pending), _until(pending, availability))


def _until(pending: Iterable[Pending], availability: Availability) -> datetime | None:
    times = [one.until for one in pending]
    known = [one for one in times if one is not None]
    if availability is Availability.ONE:
        return min(known, default=None)
    return max(known, default=None) if len(known) == len(times) else None
