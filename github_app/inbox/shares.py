"""How much of the inbox there is for whom: no sender takes the others' room, none the worker's."""

from __future__ import annotations

import sqlite3

from github_app.inbox.limits import Limits
from github_app.inbox.ports import OWN, State

# A row that changes its state moves in an index, which may need a page.
_SPARE_PAGES = 8
# The part of the file that is not for everybody: GitHub is let in where others are not any more,
# and the worker's own notes where GitHub is not.
_NOT_FOR_WORKER, _NOT_FOR_GITHUB, _NOT_FOR_OTHERS = 50, 12, 3
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


def has_space(db: sqlite3.Connection, source: str) -> bool:
    """Whether the file has space for a delivery of that source, and what others need besides."""
    most, used, free = (
        db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("max_page_count", "page_count", "freelist_count")
    )
    return bool(most - used + free > _SPARE_PAGES + most // _part_kept(source))


def _part_kept(source: str) -> int:
    if source in OWN:
        return _NOT_FOR_WORKER
    return _NOT_FOR_GITHUB if source == "github" else _NOT_FOR_OTHERS


def make_space(db: sqlite3.Connection, source: str) -> bool:
    """Whether there is space now: what has ended goes before what is new is refused."""
    return has_space(db, source) or (_forget(db, None) and has_space(db, source))


def crowding(db: sqlite3.Connection, source: str, limits: Limits) -> str | None:
    """Why the source may not have another row, if it may not.

    What it had before makes room for what is new. The worker's own notes are always taken: it
    writes no more of them than it works off.
    """
    while crowded := _crowded(db, source, limits):
        if not _forget(db, source):
            return None if source in OWN else crowded
    return None


def _crowded(db: sqlite3.Connection, source: str, limits: Limits) -> str | None:
    query = "SELECT rows, bytes FROM shares WHERE source = ?"
    rows, size = db.execute(query, (source,)).fetchone() or (0, 0)
    if rows >= limits.share:
        return f"{limits.share} deliveries of {source} wait already"
    if size >= limits.share_bytes:
        return f"deliveries of {source} with {limits.share_bytes} bytes wait already"
    return None


def _forget(db: sqlite3.Connection, source: str | None) -> bool:
    """Forget some ended rows, of one source or of any; False if there are none."""
    statement = _ANYBODYS if source is None else _ONES_OWN
    return any(
        db.execute(
            statement, {"state": state.value, "source": source, "limit": _FORGOTTEN_AT_ONCE}
        ).rowcount
        for state in _FORGOTTEN_FIRST
    )
