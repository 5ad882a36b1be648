"""What happened and cannot be derived: freight seen, verifications, approvals, holds, rejections.

Values only: `ledger_files` is the way between them and the files of the orphan branch
`towline-ledger`, which only the App writes; that it only ever grows is `ledger_branch`'s concern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from github_app.arrivals import NO_ARRIVALS, Arrivals, Facts, bounded
from github_app.notes import NOTHING, StageNotes
from plugin.artifact import Watched
from plugin.freight import Freight, FreightId

BRANCH = "towline-ledger"
MOST_SEEN = 500
"""How much freight of a warehouse is remembered: what hundreds overtook is promoted no more."""
MOST_BYTES = 1 << 20
"""How large that may be: a reader refuses files of more than four times as much."""
FACTS_OF = 20
_ENTRY = 150
README = """# Towline's ledger

Towline keeps here what cannot be read from the stages themselves: which freight it saw and when
it became the newest, verifications, approvals, holds and rejections, each with who and why.
Only commits made by the Towline App count; changes made by hand are undone by its next commit.
Protect this branch so that nobody else can push to it.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Freight of a warehouse and when it last became the newest.

    `facts` are what the sources said of its artifacts then, for people.
    """

    freight: Freight
    newest_at: datetime
    facts: Mapping[Watched, Facts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ledger:
    """One project's ledger; every change gives a new one."""

    warehouses: Mapping[str, tuple[Seen, ...]]
    stages: Mapping[str, StageNotes]
    arrivals: Mapping[str, Arrivals] = field(default_factory=dict)
    _by_id: dict[str, Mapping[FreightId, Seen]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def seen(self, warehouse: str) -> tuple[Seen, ...]:
        """The warehouse's freight, the newest last."""
        return self.warehouses.get(warehouse, ())

    def notes(self, stage: str) -> StageNotes:
        """What is known of `stage`."""
        return self.stages.get(stage, NOTHING)

    def find(self, warehouse: str, freight: FreightId) -> Seen | None:
        """The entry of `freight`, if it was ever the newest."""
        if warehouse not in self._by_id:
            # An id is a hash of its freight, and every line of every stage asks here.
            seen = self.seen(warehouse)
            self._by_id[warehouse] = {one.freight.id: one for one in reversed(seen)}
        return self._by_id[warehouse].get(freight)

    def arrived(self, warehouse: str) -> Arrivals:
        """What came to the warehouse and is no freight yet."""
        return self.arrivals.get(warehouse, NO_ARRIVALS)

    def with_arrivals(self, warehouse: str, arrivals: Arrivals) -> Ledger:
        """This ledger with what came to the warehouse replaced."""
        return replace(self, arrivals={**self.arrivals, warehouse: arrivals})

    def with_newest(
        self, freight: Freight, at: datetime, facts: Mapping[Watched, Facts] | None = None
    ) -> Ledger:
        """This ledger after `freight` became its warehouse's newest; the same if it already is."""
        seen = self.seen(freight.warehouse)
        if seen and seen[-1].freight.id == freight.id:
            return self
        rest = tuple(one for one in seen if one.freight.id != freight.id)
        fitting = {subject: bounded(text) for subject, text in (facts or {}).items()}
        said = {subject: text for subject, text in fitting.items() if text}
        kept = _remembered((*rest, Seen(freight, at, said)))
        return replace(self, warehouses={**self.warehouses, freight.warehouse: kept})

    def with_forgotten(self, held: Seen, newest: Freight | None) -> Ledger:
        """This ledger with freight that a stage holds, in its place, never above `newest`."""
        seen = self.seen(held.freight.warehouse)
        last = len(seen)
        if newest is not None and seen and seen[-1].freight.id == newest.id:
            last -= 1
        while last and seen[last - 1].newest_at > held.newest_at:
            last -= 1
        after = (*seen[:last], held, *seen[last:])
        return replace(self, warehouses={**self.warehouses, held.freight.warehouse: after})

    def with_notes(self, stage: str, notes: StageNotes) -> Ledger:
        """This ledger with the notes of `stage` replaced."""
        return replace(self, stages={**self.stages, stage: notes})


def _remembered(seen: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """As much of the newest as fits into a file that every round reads; facts of the last only."""
    kept: list[Seen] = []
    room = MOST_BYTES
    for age, one in enumerate(reversed(seen)):
        if age >= FACTS_OF and one.facts:
            one = replace(one, facts={})  # noqa: PLW2901
        room -= _weight(one)
        if kept and (room < 0 or age >= MOST_SEEN):
            break
        kept.append(one)
    return tuple(reversed(kept))


def _weight(seen: Seen) -> int:
    """At least the bytes it takes in the file."""
    said = (f"{name}{text}" for facts in seen.facts.values() for name, text in facts)
    texts = (*map(str, seen.freight.artifacts), *said)
    return _ENTRY * (1 + len(texts)) + sum(len(one.encode()) for one in texts)


EMPTY = Ledger({}, {})
