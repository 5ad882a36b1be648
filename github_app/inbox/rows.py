"""The inbox's rows as a person is shown them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from github_app.inbox.event_text import load
from github_app.inbox.ports import Row, State

_ROWS = (
    "SELECT d.source, d.guid, d.kind, d.key, d.state, d.received_at, d.attempts, d.token,"
    " u.not_before, d.error, d.events"
    " FROM deliveries AS d LEFT JOIN units AS u ON u.key = d.key AND d.state = 'pending'"
)


def counts(db: sqlite3.Connection) -> Mapping[State, int]:
    """How many rows are in each state."""
    query = "SELECT state, count(*) FROM deliveries GROUP BY state"
    counted = dict(db.execute(query).fetchall())
    return {state: counted.get(state.value, 0) for state in State}


def listing(db: sqlite3.Connection, state: State | None, limit: int) -> tuple[Row, ...]:
    """The newest rows, or the newest in one state."""
    where = "" if state is None else "WHERE d.state = :state"
    asked = {"state": state and state.value, "limit": limit}
    return _rows(db.execute(f"{_ROWS} {where} ORDER BY d.id DESC LIMIT :limit", asked))


def found(db: sqlite3.Connection, guid: str) -> tuple[Row, ...]:
    """The rows of one delivery."""
    return _rows(db.execute(f"{_ROWS} WHERE d.guid = ? ORDER BY d.id", (guid,)))


def _rows(cursor: sqlite3.Cursor) -> tuple[Row, ...]:
    return tuple(_row(*fields) for fields in cursor)


def _row(*fields: Any) -> Row:
    source, guid, kind, key, state, received_at, attempts, token, not_before, error, events = fields
    return Row(
        source=source,
        guid=guid,
        kind=kind,
        key=key,
        state=State(state),
        received_at=time_of(received_at),
        attempts=attempts,
        token=token,
        not_before=time_of(not_before) if not_before else None,
        error=error,
        events=load(events),
    )


def time_text(at: datetime) -> str:
    """One width and one zone, so that the order of the texts is the order of the times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """The time `time_text` wrote."""
    return datetime.fromisoformat(text)
