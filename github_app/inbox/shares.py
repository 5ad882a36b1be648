"""How much of the inbox there is for whom: no sender takes the others' room, none the worker's."""

from __future__ import annotations

import sqlite3

from github_app.inbox.ports import State

# A row that changes its state moves in an index, which may need a page.
_SPARE_PAGES = 8
_FORGOTTEN_AT_ONCE = 100
# What died waits for a person, so it goes last.
_FORGOTTEN_FIRST = (State.COALESCED, State.DONE, State.DEAD)
_ANYBODYS = (
    "DELETE FROM deliveries WHERE id IN"
    " (SELECT id FROM deliveries WHERE state = :state LIMIT :limit)"
)
_ONES_OWN = (
    "DELETE FROM deliveries WHERE id IN"
    " (SELECT id FROM deliveries WHERE state = :state AND source = :source LIMIT :limit)"
)


def has_space(db: sqlite3.Connection) -> bool:
    """Whether the file has space for a delivery, and some left for the worker's own notes."""
    most, used, free = (
        db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("max_page_count", "page_count", "freelist_count")
    )
    return bool(most - used + free > _SPARE_PAGES + most // 50)


def make_space(db: sqlite3.Connection) -> bool:
    """Whether there is space now: what has ended goes before what is new is refused."""
    return has_space(db) or (_forget(db, None) and has_space(db))


def make_room(db: sqlite3.Connection, source: str, share: int) -> bool:
    """Whether the source may have another row: what it had before makes room for what is new."""
    kept = db.execute("SELECT rows FROM shares WHERE source = ?", (source,)).fetchone()
    return kept is None or kept[0] < share or _forget(db, source)


def _forget(db: sqlite3.Connection, source: str | None) -> bool:
    """Forget some ended rows, of one source or of any; False if there are none."""
    statement = _ANYBODYS if source is None else _ONES_OWN
    return any(
        db.execute(
            statement, {"state": state.value, "source": source, "limit": _FORGOTTEN_AT_ONCE}
        ).rowcount
        for state in _FORGOTTEN_FIRST
    )
