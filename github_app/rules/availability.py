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

from github_app.ledger_times import time_text
from github_app.picture import ProjectPicture, Stay
from github_app.rules.adoption import held_freight
from github_app.rules.overview import Overview
from github_app.rules.stays import with_adopted
from github_app.rules.verification import Disproved, Proved, Unproved, Verdict
from github_app.rules.verifying import proof_of, tried
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
    overview: Overview

    @classmethod
    def of(cls, picture: ProjectPicture, now: datetime) -> Rules:
        """The rules for what the picture shows."""
        return cls(picture, now, Overview.of(picture.project, picture.ledger))

    def availability(self, stage: Stage, line: Line, freight: FreightId) -> Standing:
        """Whether the stage's line may take `freight` now."""
        for note in self.picture.ledger.notes(stage.name).approved:
            if note.freight == freight:
                return Passed(f"approved by {note.who} at {time_text(note.at)}")
        match line.source:
            case Direct():
                return Passed(f"straight from warehouse {line.warehouse}")
            case After(upstreams, availability):
                standings = [self._passed(one, line.warehouse, freight) for one in upstreams]
                return _combined(standings, availability)

    def may_have_passed(self, stage: Stage, line: Line) -> frozenset[FreightId] | None:
        """All freight that can be available to the line; None: any of its warehouse."""
        match line.source:
            case Direct():
                return None
            case After(upstreams):
                known = {note.freight for note in self.picture.ledger.notes(stage.name).approved}
                for one in upstreams:
                    reached = self._reached(one.stage, line.warehouse)
                    if reached is None:
                        return None
                    known |= reached
                return frozenset(known)

    def verified_at(self, stage: Stage, warehouse: str, freight: FreightId) -> datetime | None:
        """When the stage verified `freight`: by its checks, or by holding it where it has none."""
        times = [self._proved_at(stage, freight)]
        if not stage.verify:
            times += [stay.since for stay in self.stays(stage.name, warehouse, freight)]
        return min((one for one in times if one is not None), default=None)

    def _proved_at(self, stage: Stage, freight: FreightId) -> datetime | None:
        """When the stage's checks first succeeded on `freight`, as far as that still counts."""
        proof = proof_of(self.picture.ledger.notes(stage.name), freight)
        return proof.at if proof else None

    def verdict(self, stage: Stage, warehouse: str) -> Verdict:
        """What the stage's own conditions say of what it holds now."""
        line = self.picture.lines.get((stage.name, warehouse))
        if line is None:
            return Unproved("its place")
        return tried(stage, line, self.picture.ledger.notes(stage.name), self.now)

    def stays(self, stage: str, warehouse: str, freight: FreightId) -> tuple[Stay, ...]:
        """The stays of `freight` in the stage, oldest first."""
        return tuple(one for one in self.all_stays(stage, warehouse) if one.freight == freight)

    def all_stays(self, stage: str, warehouse: str) -> tuple[Stay, ...]:
        """What was in the stage, oldest first, adopted freight included."""
        line = self.picture.lines.get((stage, warehouse))
        if line is None:
            return ()
        notes = self.picture.ledger.notes(stage).adopted
        adopted = [one for one in notes if self.overview.order(warehouse, one.freight) >= 0]
        if not adopted:
            return line.stays
        held = held_freight(line.holding, self.picture.ledger.seen(warehouse))
        return with_adopted(line.stays, adopted, held)

    def soaked(self, stage: str, warehouse: str, freight: FreightId) -> timedelta:
        """The longest continuous stay of `freight` in the stage."""
        stays = self.stays(stage, warehouse, freight)
        return max(((stay.until or self.now) - stay.since for stay in stays), default=timedelta(0))

    def held_since(self, stage: str, warehouse: str, freight: FreightId) -> datetime | None:
        """When the stay of `freight` began that goes on now."""
        stays = self.stays(stage, warehouse, freight)
        return next((one.since for one in stays if one.until is None), None)

    def _reached(self, name: str, warehouse: str) -> frozenset[FreightId] | None:
        """What the stage ever held or verified; a control-flow stage stands for its upstreams."""
        stage = self.overview.stage(name)
        if stage.place is None:
            line = stage.line(warehouse)
            return frozenset() if line is None else self.may_have_passed(stage, line)
        verified = self.picture.ledger.notes(name).verified
        held = [one.freight for one in self.all_stays(name, warehouse)]
        return frozenset(held + [one.freight for one in verified])

    def _passed(self, upstream: Upstream, warehouse: str, freight: FreightId) -> Standing:
        stage = self.overview.stage(upstream.stage)
        if stage.place is None:
            return self._through(stage, upstream.soak, warehouse, freight)
        if self.verified_at(stage, warehouse, freight) is None:
            return Pending(self._unverified(stage, warehouse, freight))
        if self.soaked(stage.name, warehouse, freight) >= upstream.soak:
            return Passed(self._way(stage, upstream.soak, warehouse, freight))
        since = self.held_since(stage.name, warehouse, freight)
        if since is not None:
            until = since + upstream.soak
            return Pending(
                f"{alias_of(freight)} soaks in {stage.name} until {time_text(until)}", until
            )
        return Pending(
            f"{alias_of(freight)} left {stage.name} before it had soaked {span_text(upstream.soak)}"
        )

    def _way(self, stage: Stage, soak: timedelta, warehouse: str, freight: FreightId) -> str:
        """What let freight pass a stage; being merged there is no verification.

        The times are those of notes and stays, so the words stay the same as time goes on.
        """
        proved = self._proved_at(stage, freight)
        if proved is not None:
            words = f"verified in {stage.name} at {time_text(proved)}"
            return f"{words} and soaked {span_text(soak)}" if soak else words
        stays = self.stays(stage.name, warehouse, freight)
        long = next((one for one in stays if (one.until or self.now) - one.since >= soak), None)
        return _stay_words(stage.name, long, soak) if long else f"passed {stage.name}"

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

    def _unverified(self, stage: Stage, warehouse: str, freight: FreightId) -> str:
        if self.held_since(stage.name, warehouse, freight) is None:
            return f"{alias_of(freight)} has not reached {stage.name}"
        match self.verdict(stage, warehouse):
            case Disproved(failed):
                return f"{failed} failed on {alias_of(freight)} in {stage.name}"
            case Unproved(waiting):
                return f"{alias_of(freight)} waits for {waiting} in {stage.name}"
            case Proved():
                return f"{alias_of(freight)} waits for its record in {stage.name}"


def _stay_words(stage: str, stay: Stay, soak: timedelta) -> str:
    """Adopted freight was found rather than merged: its stay has no commit."""
    since = time_text(stay.since)
    if not soak:
        return f"{'merged into' if stay.commit else 'found in'} {stage} at {since}"
    span = f"since {since}" if stay.until is None else f"from {since} to {time_text(stay.until)}"
    return f"in {stage} {span}, soaked {span_text(soak)}"


def span_text(span: timedelta) -> str:
    """A length of time as the pipeline file writes it: `1h30m`."""
    seconds = int(span.total_seconds())
    parts = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


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


def sooner(one: Pending | None, other: Pending) -> Pending:
    """Of two things waited for, the one that time ends first; the newer freight's if neither."""
    if one is None or (one.until is None and other.until is not None):
        return other
    if one.until is not None and other.until is not None and other.until < one.until:
        return other
    return one
