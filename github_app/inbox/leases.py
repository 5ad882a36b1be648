"""How work is handed out and comes back, each step inside somebody else's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from github_app.events import Event
from github_app.inbox.event_text import load
from github_app.inbox.limits import Limits
from github_app.inbox.ports import Claim
from github_app.inbox.rows import time_of, time_text


def claim(db: sqlite3.Connection, now: datetime, until: datetime, limits: Limits) -> Claim | None:
    """The oldest work of the key that waited longest and must wait no longer, leased until then.

    What the limits leave of it is claimed another time, after the keys that wait now.
    """
    while unit := db.execute(
        "SELECT key FROM units WHERE coalesce(not_before, '') <= :now"
        " AND coalesce(lease_until, '') <= :now ORDER BY first, rowid LIMIT 1",
        {"now": time_text(now)},
    ).fetchone():
        (key,) = unit
        if leased := _leased(db, key, until, limits):
            return leased
        _release(db, key, None)
    return None


@dataclass(slots=True)
class _Batch:
    """The oldest rows of a key: `last` is the id of the newest, `texts` what they ask for.

    Rows whose every attempt ended without a word are in it, but are not counted.
    """

    last: int = 0
    rows: int = 0
    attempts: int = 0
    size: int = 0
    guid: str = ""
    since: str = ""
    texts: dict[str, None] = field(default_factory=dict)

    def has_space(self, text: str, limits: Limits) -> bool:
        """Whether a row that says this is taken as well: the first one is, copies take no space."""
        if not self.rows:
            return True
        fits = text in self.texts or self.size + len(text) <= limits.together_bytes
        return fits and self.rows < limits.together

    def add(self, guid: str, since: str, attempts: int, text: str) -> None:
        """Count a row in."""
        if not self.rows:
            self.guid, self.since = guid, since
        if text not in self.texts:
            self.texts[text] = None
            self.size += len(text)
        self.rows += 1
        self.attempts = max(self.attempts, attempts)

    def events(self) -> Iterator[Event]:
        """What the rows ask for, oldest first."""
        return (event for text in self.texts for event in load(text))


def _leased(db: sqlite3.Connection, key: str, until: datetime, limits: Limits) -> Claim | None:
    """The oldest that waits under `key`, leased; None if nothing does."""
    # Whoever had it held it for too long.
    _move(db, key, "leased", "pending")
    batch = _oldest(db, key, limits)
    # They took the process down with them every time, or the worker.
    db.execute(
        "UPDATE deliveries SET state = 'dead', error = 'no attempt ever ended'"
        " WHERE key = ? AND state = 'pending' AND id <= ? AND attempts >= ?",
        (key, batch.last, limits.attempts),
    )
    if not batch.rows:
        return None
    (token,) = db.execute("UPDATE fence SET token = token + 1 RETURNING token").fetchone()
    db.execute(
        "UPDATE deliveries SET state = 'leased', token = ?, attempts = attempts + 1"
        " WHERE key = ? AND state = 'pending' AND id <= ?",
        (token, key, batch.last),
    )
    db.execute(
        "UPDATE units SET lease_until = ?, not_before = NULL, token = ? WHERE key = ?",
        (time_text(until), token, key),
    )
    events = tuple(dict.fromkeys(batch.events()))
    since = time_of(batch.since)
    return Claim(key, token, events, batch.guid, batch.rows, batch.attempts + 1, since)


def _move(db: sqlite3.Connection, key: str, old: str, new: str) -> None:
    db.execute("UPDATE deliveries SET state = ? WHERE key = ? AND state = ?", (new, key, old))


def _oldest(db: sqlite3.Connection, key: str, limits: Limits) -> _Batch:
    """As many of the rows that wait under `key` as are worked off at once, read one by one."""
    batch = _Batch()
    rows = db.execute(
        "SELECT id, attempts, guid, received_at, events FROM deliveries"
        " WHERE key = ? AND state = 'pending' ORDER BY id",
        (key,),
    )
    for number, attempts, guid, since, text in rows:
        if not batch.has_space(text, limits):
            break
        batch.last = number
        if attempts < limits.attempts:
            batch.add(guid, since, attempts, text)
    rows.close()
    return batch


def finish(db: sqlite3.Connection, held: Claim) -> bool:
    """Mark the oldest row as done and the others as done with it; False if the lease was lost."""
    if not _holds(db, held):
        return False
    oldest = "SELECT min(id) FROM deliveries WHERE key = ? AND state = 'leased'"
    (first,) = db.execute(oldest, (held.key,)).fetchone()
    db.execute(
        "UPDATE deliveries SET error = '', state = CASE id WHEN ? THEN 'done' ELSE 'coalesced' END"
        " WHERE key = ? AND state = 'leased'",
        (first, held.key),
    )
    _release(db, held.key, None)
    return True


def retry(db: sqlite3.Connection, held: Claim, at: datetime, reason: str, limit: int) -> bool:
    """Let the rows wait again, or die of too many attempts; False if the lease was lost."""
    if not _holds(db, held):
        return False
    db.execute(
        "UPDATE deliveries SET error = ?, state = CASE WHEN attempts >= ? THEN 'dead'"
        " ELSE 'pending' END WHERE key = ? AND state = 'leased'",
        (_storable(reason), limit, held.key),
    )
    _release(db, held.key, at)
    return True


def _holds(db: sqlite3.Connection, held: Claim) -> bool:
    query = "SELECT count(*) FROM units WHERE key = ? AND token = ?"
    (count,) = db.execute(query, (held.key, held.token)).fetchone()
    return bool(count)


def _release(db: sqlite3.Connection, key: str, not_before: datetime | None) -> None:
    """End the lease; if rows wait for the key, it queues up again behind all that wait now."""
    (waiting,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM deliveries WHERE key = ? AND state = 'pending')", (key,)
    ).fetchone()
    db.execute("DELETE FROM units WHERE key = ?", (key,))
    if waiting:
        # A new row of the table stands behind those that have the same `first`.
        db.execute(
            "INSERT INTO units (key, first, not_before) SELECT ?, max(id), ? FROM deliveries",
            (key, not_before and time_text(not_before)),
        )


def end_all_leases(db: sqlite3.Connection) -> None:
    """A new owner knows that nobody works any more."""
    db.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'leased'")
    db.execute("UPDATE units SET lease_until = NULL, token = NULL WHERE lease_until IS NOT NULL")


def _storable(reason: str) -> str:
    return reason[:1000].encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "")
