"""The inbox's SQLite file: opened durable, owned by one process, moved aside when it is broken."""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

from plugin.errors import Refusal

_LOG = logging.getLogger(__name__)
_VERSION = 3
_PAGE = 4096
_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# `units` has one row per key with work to do; its `first` is the oldest row waiting, its order.
_SCHEMA = """
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    guid TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    events TEXT NOT NULL,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    token INTEGER,
    error TEXT NOT NULL DEFAULT '',
    UNIQUE (guid, source, key)
);
CREATE INDEX deliveries_by_key ON deliveries (key, state);
CREATE INDEX deliveries_by_age ON deliveries (received_at);
CREATE TABLE units (
    key TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    not_before TEXT,
    lease_until TEXT,
    token INTEGER
);
CREATE INDEX units_by_age ON units (first);
CREATE TABLE fence (token INTEGER NOT NULL);
INSERT INTO fence VALUES (0);
CREATE TABLE probe (filling BLOB);
"""
# Since version 2 the rows of each source are counted: no sender may fill the inbox for the others.
_SHARES = """
DROP INDEX IF EXISTS deliveries_by_state;
CREATE INDEX deliveries_by_source ON deliveries (state, source);
CREATE TABLE shares (source TEXT PRIMARY KEY, rows INTEGER NOT NULL);
INSERT INTO shares SELECT source, count(*) FROM deliveries GROUP BY source;
CREATE TRIGGER row_came AFTER INSERT ON deliveries BEGIN
    INSERT INTO shares SELECT NEW.source, 0
        WHERE NOT EXISTS (SELECT 1 FROM shares WHERE source = NEW.source);
    UPDATE shares SET rows = rows + 1 WHERE source = NEW.source;
END;
CREATE TRIGGER row_went AFTER DELETE ON deliveries BEGIN
    UPDATE shares SET rows = rows - 1 WHERE source = OLD.source;
END;
"""
# Since version 3 their bytes are summed up as well, row by row, so that nobody has to add them up:
# what a sender says, and about what every row and its places in the indexes need.
_BYTES = """
ALTER TABLE deliveries ADD COLUMN size INTEGER GENERATED ALWAYS AS (
    300 + 2 * length(guid) + 3 * length(key)
    + length(CAST(events AS BLOB)) + length(CAST(error AS BLOB))
) VIRTUAL;
DROP TRIGGER row_came;
DROP TRIGGER row_went;
DROP TABLE shares;
CREATE TABLE shares (source TEXT PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO shares SELECT source, count(*), sum(size) FROM deliveries GROUP BY source;
CREATE TRIGGER row_came AFTER INSERT ON deliveries BEGIN
    INSERT INTO shares SELECT NEW.source, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM shares WHERE source = NEW.source);
    UPDATE shares SET rows = rows + 1, bytes = bytes + NEW.size WHERE source = NEW.source;
END;
CREATE TRIGGER row_went AFTER DELETE ON deliveries BEGIN
    UPDATE shares SET rows = rows - 1, bytes = bytes - OLD.size WHERE source = OLD.source;
END;
CREATE TRIGGER row_failed AFTER UPDATE OF error ON deliveries WHEN NEW.error <> OLD.error BEGIN
    UPDATE shares SET bytes = bytes + NEW.size - OLD.size WHERE source = NEW.source;
END;
"""


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, and not only busy, full or read-only."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN


class Ownership:
    """The right to be the one process that works on an inbox, held until `end` or death."""

    def __init__(self, path: Path) -> None:
        """Take it at once; raises Refusal if another process has it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Refusal(
                f"another Towline works on {path}: stop it, or give this one its own directory"
            ) from None

    def end(self) -> None:
        """Let the next process have it."""
        os.close(self._file)


def opened(path: Path, size: int, patience: timedelta) -> sqlite3.Connection:
    """The database at `path`, made if it is not there, of at most `size` bytes.

    `patience` is how long a lock of another process is waited for.

    One that is damaged is moved to `<path>.broken-<n>`, loudly, and an empty one takes its place:
    all it held can be found out again by looking everywhere. Raises Refusal if a newer Towline
    wrote it, sqlite3.Error if it cannot be opened.
    """
    try:
        return _checked(path, size, patience)
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise
        _LOG.error("the inbox %s is damaged (%s): %s", path, error, _moved_aside(path))
        return _checked(path, size, patience)


def visited(path: Path) -> sqlite3.Connection:
    """The database at `path` for a look beside the process that owns it; raises Refusal."""
    if not path.exists():
        raise Refusal(f"there is no inbox at {path}: name the App's data directory")
    try:
        connection = _connected(path, timedelta(seconds=5))
    except sqlite3.Error as error:
        raise _not_to_be_visited(path, error) from error
    try:
        connection.execute("SELECT 1 FROM deliveries LIMIT 1")
    except sqlite3.Error as error:
        connection.close()
        raise _not_to_be_visited(path, error) from error
    return connection


def _not_to_be_visited(path: Path, error: sqlite3.Error) -> Refusal:
    if is_broken(error):
        return Refusal(
            f"{path} is not an inbox, or is damaged ({error}): name the App's data directory, "
            "or restart the App, which moves such a file aside and begins with an empty one"
        )
    return Refusal(
        f"{path} cannot be read as an inbox ({error}): name the App's data directory, "
        "and run this as the user the App runs as"
    )


def _checked(path: Path, size: int, patience: timedelta) -> sqlite3.Connection:
    connection = _connected(path, patience)
    try:
        connection.execute(f"PRAGMA max_page_count = {max(size // _PAGE, 1)}")
        _check(connection)
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(path: Path, patience: timedelta) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            f"page_size = {_PAGE}",
            f"busy_timeout = {patience // timedelta(milliseconds=1)}",
            "journal_mode = WAL",
            # In WAL mode only FULL makes a commit survive a power cut.
            "synchronous = FULL",
            "journal_size_limit = 67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise Refusal(
            f"{path} was written by a newer Towline: run that one, or remove the file"
            " (what it holds is found out again)"
        )
    if version < _VERSION:
        steps = (_SCHEMA, _SHARES, _BYTES)[version:]
        script = f"BEGIN; {''.join(steps)} PRAGMA user_version = {_VERSION}; COMMIT;"
        connection.executescript(script)


def _moved_aside(path: Path) -> str:
    """Move the database with its log files; says where to."""
    places = (path.with_name(f"{path.name}.broken-{n}") for n in itertools.count(1))
    target = next(place for place in places if not place.exists())
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(target.with_name(target.name + suffix))
    return f"moved to {target}, starting with an empty one"
