"""What comes into the inbox's tables and goes again, each inside somebody else's transaction."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from github_app.events import Event
from github_app.inbox.event_text import dump, key_of
from github_app.inbox.limits import Limits
from github_app.inbox.ports import (
    Accepted,
    Answer,
    Crowded,
    Delivery,
    Duplicate,
    State,
    StoreFull,
)
from github_app.inbox.rows import time_of, time_text
from github_app.inbox.shares import crowding, has_space, make_space
from plugin.errors import Refusal

_PURGED_AT_ONCE = 2000
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_UNDER_WAY = frozenset({State.PENDING, State.LEASED})


def take(db: sqlite3.Connection, delivery: Delivery, limits: Limits) -> Answer:
    """Whether the delivery brought work that was not there before.

    Its source has its share, and what it leaves is for GitHub and the worker's own notes.
    """
    if not make_space(db, delivery.source):
        return StoreFull("the inbox is full")
    if crowded := crowding(db, delivery.source, limits):
        return Crowded(crowded)
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
    """Whether there is space for GitHub, and writing works: raises sqlite3.Error if it does not."""
    db.execute("INSERT INTO probe VALUES (zeroblob(4096))")
    db.execute("DELETE FROM probe")
    return has_space(db, "github")
