"""The inbox against a model of it, through random histories of senders, workers and crashes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from github_app.inbox.event_text import key_of
from github_app.inbox.limits import Limits
from github_app.inbox.ports import Accepted, Claim, Duplicate, State
from github_app.inbox.sqlite import SqliteInbox
from tests.inbox.inboxes import MINUTE, NOW, change, delivery

LIMITS = Limits(lease=10 * MINUTE, attempts=2)
GUIDS = st.sampled_from([f"{key}{number}" for key in "ab" for number in range(4)])
WAITS = st.integers(0, 15).map(lambda minutes: minutes * MINUTE)
WAITING = {State.PENDING, State.LEASED}


@dataclass
class Row:
    """What the model knows of one delivery."""

    state: State = State.PENDING
    attempts: int = 0
    at: datetime = NOW


@dataclass
class Unit:
    """What the model knows of one key."""

    not_before: datetime = NOW
    holder: Claim | None = None
    until: datetime = NOW
    claims: list[Claim] = field(default_factory=list)


class InboxModel(RuleBasedStateMachine):
    """Every rule does the same to the inbox and to the model, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "inbox.sqlite"
        self.inbox = SqliteInbox.open(self.path, LIMITS)
        self.now = NOW
        self.rows: dict[str, Row] = {}
        self.units = {"a": Unit(), "b": Unit()}

    def teardown(self) -> None:
        self.inbox.close()
        self.directory.cleanup()

    def of(self, key: str, *states: State) -> list[Row]:
        return [row for guid, row in self.rows.items() if guid[0] == key and row.state in states]

    @rule(guid=GUIDS)
    def deliver(self, guid: str) -> None:
        old = self.rows.get(guid)
        fresh = old is None or old.state is State.DEAD
        sent = delivery(guid, change(f"acme/{guid[0]}"), at=self.now)
        assert self.inbox.accept(sent) == (Accepted() if fresh else Duplicate())
        if fresh:
            self.rows[guid] = Row(at=old.at if old else self.now)

    @rule()
    def claim(self) -> None:
        claim = self.inbox.claim(self.now)
        ready = {key for key, unit in self.units.items() if self.ready(key, unit)}
        for key in ready:
            self.buried(key)
        if claim is None:
            assert not any(self.of(key, *WAITING) for key in ready)
        else:
            self.claimed(claim, ready)

    def buried(self, key: str) -> None:
        """Rows that never came back from their last attempt may be given up by a claim."""
        for guid, row in self.rows.items():
            if guid[0] == key and row.state in WAITING and row.attempts >= LIMITS.attempts:
                (kept,) = self.inbox.found(guid)
                row.state = State.DEAD if kept.state is State.DEAD else row.state
        if not self.of(key, *WAITING):
            self.units[key].holder = None

    def ready(self, key: str, unit: Unit) -> bool:
        free = unit.holder is None or unit.until <= self.now
        return free and unit.not_before <= self.now and bool(self.of(key, *WAITING))

    def claimed(self, claim: Claim, ready: set[str]) -> None:
        (key,) = (name for name in ready if key_of(change(f"acme/{name}")) == claim.key)
        rows = self.of(key, *WAITING)
        for row in rows:
            row.state, row.attempts = State.LEASED, row.attempts + 1
        assert claim.deliveries == len(rows)
        assert claim.attempts == max(row.attempts for row in rows)
        assert claim.events == (change(f"acme/{key}"),)
        unit = self.units[key]
        assert all(claim.token > earlier.token for earlier in unit.claims)
        unit.holder, unit.until, unit.not_before = claim, self.now + LIMITS.lease, NOW
        unit.claims.append(claim)

    @precondition(lambda self: any(unit.claims for unit in self.units.values()))
    @rule(data=st.data(), wait=st.none() | WAITS)
    def end(self, data: st.DataObject, wait: timedelta | None) -> None:
        """A worker ends its work, maybe long after it lost the lease."""
        held = [(key, one) for key, unit in self.units.items() for one in unit.claims]
        key, claim = data.draw(st.sampled_from(held))
        unit = self.units[key]
        if wait is None:
            ended = self.inbox.finish(claim)
        else:
            ended = self.inbox.retry(claim, self.now + wait, "again")
        assert ended == (unit.holder == claim)
        if ended:
            self.ended(key, wait)

    def ended(self, key: str, wait: timedelta | None) -> None:
        unit = self.units[key]
        for row in self.of(key, State.LEASED):
            if wait is None:
                row.state = State.DONE
            else:
                row.state = State.DEAD if row.attempts >= LIMITS.attempts else State.PENDING
        unit.holder = None
        unit.not_before = self.now + wait if wait and self.of(key, State.PENDING) else NOW

    @rule(wait=WAITS)
    def pass_time(self, wait: timedelta) -> None:
        self.now += wait

    @rule()
    def crash(self) -> None:
        self.inbox.close()
        self.inbox = SqliteInbox.open(self.path, LIMITS)
        for key, unit in self.units.items():
            unit.holder = None
            for row in self.of(key, State.LEASED):
                row.state = State.PENDING

    @precondition(lambda self: any(row.state not in WAITING for row in self.rows.values()))
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        ended = [guid for guid, row in self.rows.items() if row.state not in WAITING]
        guid = data.draw(st.sampled_from(ended))
        assert self.inbox.replay(guid) == 1
        self.rows[guid] = Row(at=self.rows[guid].at)
        self.units[guid[0]].not_before = NOW

    @rule(age=WAITS)
    def purge(self, age: timedelta) -> None:
        before = self.now - age
        old = [
            guid for guid, row in self.rows.items() if row.state not in WAITING and row.at < before
        ]
        assert self.inbox.purge(before) == len(old)
        for guid in old:
            del self.rows[guid]

    @invariant()
    def every_row_is_where_the_model_has_it(self) -> None:
        kept = {row.guid: row for row in self.inbox.listing(None, 100)}
        assert kept.keys() == self.rows.keys()
        for guid, row in self.rows.items():
            state = State.DONE if kept[guid].state is State.COALESCED else kept[guid].state
            assert (state, kept[guid].attempts) == (row.state, row.attempts), guid

    @invariant()
    def nothing_waits_unheard_of(self) -> None:
        waiting = any(self.of(key, *WAITING) for key in self.units)
        assert (self.inbox.wake_at() is not None) == waiting


InboxModel.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestInboxModel = InboxModel.TestCase
