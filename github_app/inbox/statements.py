"""What the inbox does to its tables, each inside somebody else's transaction."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from github_app.events import Event
from github_app.inbox.event_text import dump, key_of, load
from github_app.inbox.ports import (
    Accepted,
    Answer,
    Claim,
    Crowded,
    Delivery,
    Duplicate,
    State,
    StoreFull,
)
from github_app.inbox.rows import time_of, time_text
from github_app.inbox.shares import has_space, make_room, make_space
from plugin.errors import Refusal

_PURGED_AT_ONCE = 2000
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_UNDER_WAY = frozenset({State.PENDING, State.LEASED})


def take(db: sqlite3.Connection, delivery: Delivery, share: int) -> Answer:
    """Whether the delivery brought work that was not there before.

    Its source may have `share` rows, and all together leave some space for the worker's own notes.
    """
    if not make_space(db):
        return StoreFull("the inbox is full")
    if not make_room(db, delivery.source, share):
        return Crowded(f"{share} deliveries of {delivery.source} wait already")
    by_key: dict[str, list[Event]] = {}
    for event in delivery.events:
        by_key.setdefault(key_of(event), []).append(event)
    taken = [_take(db, delivery, key, dump(events)) for key, events in by_key.items()]
    return Accepted() if any(taken) else Duplicate()


def _take(db: sqlite3.Connection, delivery: Delivery, key: str, events: str) -> bool:
    identity = (delivery.source, delivery.guid, key)
    inserted = db.execute(
        "INSERT INTO deliveries (source, guid, key, kind, events, received_at, state)"
        " VALUES (?, ?, ?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING RETURNING id",
        (*identity, delivery.kind, events, time_text(delivery.received_at)),
    ).fetchone()
    row = inserted or _revived(db, identity)
    if row is None:
        return False
    db.execute("INSERT INTO units (key, first) VALUES (?, ?) ON CONFLICT DO NOTHING", (key, *row))
    return True


def _revived(db: sqlite3.Connection, identity: tuple[str, str, str]) -> tuple[int] | None:
    """The dead row's id, waiting again."""
    row: tuple[int] | None = db.execute(
        "UPDATE deliveries SET state = 'pending', attempts = 0, token = NULL, error = ''"
        " WHERE source = ? AND guid = ? AND key = ? AND state = 'dead' RETURNING id",
        identity,
    ).fetchone()
    return row


def claim(db: sqlite3.Connection, now: datetime, until: datetime, limit: int) -> Claim | None:
    """The key that waited longest and must wait no longer, leased until then."""
    while unit := db.execute(
        "SELECT key FROM units WHERE coalesce(not_before, '') <= :now"
        " AND coalesce(lease_until, '') <= :now ORDER BY first LIMIT 1",
        {"now": time_text(now)},
    ).fetchone():
        (key,) = unit
        _bury_what_killed_us(db, key, limit)
        if leased := _leased(db, key, until):
            return leased
        _release(db, key, None)
    return None


def _bury_what_killed_us(db: sqlite3.Connection, key: str, limit: int) -> None:
    """Rows whose every attempt ended without a word took the process down with them."""
    db.execute(
        "UPDATE deliveries SET state = 'dead', error = 'no attempt ever ended'"
        " WHERE key = ? AND state IN ('pending', 'leased') AND attempts >= ?",
        (key, limit),
    )


def _leased(db: sqlite3.Connection, key: str, until: datetime) -> Claim | None:
    """Everything that waits under `key`, leased; None if nothing does."""
    (token,) = db.execute("UPDATE fence SET token = token + 1 RETURNING token").fetchone()
    count = db.execute(
        "UPDATE deliveries SET state = 'leased', token = ?, attempts = attempts + 1"
        " WHERE key = ? AND state IN ('pending', 'leased')",
        (token, key),
    ).rowcount
    if not count:
        return None
    db.execute(
        "UPDATE units SET lease_until = ?, not_before = NULL, token = ? WHERE key = ?",
        (time_text(until), token, key),
    )
    return _claimed(db, key, token, count)


def _claimed(db: sqlite3.Connection, key: str, token: int, count: int) -> Claim:
    leased = "FROM deliveries WHERE key = ? AND state = 'leased'"
    texts = db.execute(f"SELECT events {leased} GROUP BY events ORDER BY min(id)", (key,))
    events = tuple(dict.fromkeys(event for (text,) in texts for event in load(text)))
    guid, since = db.execute(
        f"SELECT guid, received_at {leased} ORDER BY id LIMIT 1", (key,)
    ).fetchone()
    (attempts,) = db.execute(f"SELECT max(attempts) {leased}", (key,)).fetchone()
    return Claim(key, token, events, guid, count, attempts, time_of(since))


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
    """End the lease; the key queues up again behind the others if rows wait for it."""
    (first,) = db.execute(
        "SELECT min(id) FROM deliveries WHERE key = ? AND state = 'pending'", (key,)
    ).fetchone()
    if first is None:
        db.execute("DELETE FROM units WHERE key = ?", (key,))
        return
    db.execute(
        "UPDATE units SET first = ?, not_before = ?, lease_until = NULL, token = NULL"
        " WHERE key = ?",
        (first, not_before and time_text(not_before), key),
    )


def end_all_leases(db: sqlite3.Connection) -> None:
    """A new owner knows that nobody works any more."""
    db.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'leased'")
    db.execute("UPDATE units SET lease_until = NULL, token = NULL WHERE lease_until IS NOT NULL")


def missing(guid: str) -> str:
    """What to say of a delivery that is not in the inbox."""
    return f"no delivery '{guid}' is kept: 'towline deliveries list' shows what is"


def replay(db: sqlite3.Connection, guid: str) -> int:
    """Put the delivery's rows back to work, at once, and count them; raises Refusal."""
    rows = db.execute("SELECT id, key, state FROM deliveries WHERE guid = ?", (guid,)).fetchall()
    if not rows:
        raise Refusal(missing(guid))
    ended = [(row, key) for row, key, state in rows if State(state) not in _UNDER_WAY]
    if not ended:
        raise Refusal(f"the delivery '{guid}' waits already")
    for row, key in ended:
        _replay(db, row, key)
    return len(ended)


def _replay(db: sqlite3.Connection, row: int, key: str) -> None:
    db.execute(
        "UPDATE deliveries SET state = 'pending', attempts = 0, token = NULL, error = ''"
        " WHERE id = ?",
        (row,),
    )
    db.execute(
        "INSERT INTO units (key, first) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET not_before = NULL",
        (key, row),
    )


def purge(db: sqlite3.Connection, before: datetime) -> int:
    """Forget some of the finished and dead rows received before then; 0 if there were none."""
    return db.execute(
        "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE received_at < ?"
        " AND state IN ('done', 'coalesced', 'dead') LIMIT ?)",
        (time_text(before), _PURGED_AT_ONCE),
    ).rowcount


def wake_at(db: sqlite3.Connection) -> datetime | None:
    """When the first key becomes ready: 1970 if one is, for times of receipt decide nothing."""
    (at,) = db.execute(
        "SELECT min(max(coalesce(not_before, :now), coalesce(lease_until, :now))) FROM units",
        {"now": time_text(_AT_ONCE)},
    ).fetchone()
    return None if at is None else time_of(at)


def probe(db: sqlite3.Connection) -> bool:
    """Whether there is space, and writing works: raises sqlite3.Error if it does not."""
    db.execute("INSERT INTO probe VALUES (zeroblob(4096))")
    db.execute("DELETE FROM probe")
    return has_space(db)


def _storable(reason: str) -> str:
    return reason[:1000].encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "")
