"""The inbox on SQLite: one file, one process, one writer; no server needed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from github_app.inbox import leases, rows, statements
from github_app.inbox.database import Ownership, opened, visited
from github_app.inbox.limits import Limits
from github_app.inbox.ports import (
    Answer,
    Claim,
    Delivery,
    Row,
    State,
    StoreFull,
)
from github_app.inbox.writer import Writer
from plugin.errors import Temporary

FILE = "inbox.sqlite"
"""The inbox's name in the App's data directory."""
_USUAL = Limits()


class SqliteInbox:
    """An `Inbox` in one SQLite file; every answer is given after the commit it speaks of."""

    def __init__(self, writer: Writer, limits: Limits, ownership: Ownership | None = None) -> None:
        self._writer = writer
        self._limits = limits
        self._ownership = ownership

    @classmethod
    def open(cls, path: Path, limits: Limits = _USUAL) -> SqliteInbox:
        """Own the inbox at `path`; work that was under way when the last owner died waits again.

        Raises Refusal if another process owns it, Temporary if it cannot be opened.
        """
        ownership = Ownership(path)
        try:
            writer = Writer(lambda: opened(path, limits.size, limits.patience))
            writer.do(leases.end_all_leases)
        except sqlite3.Error as error:
            ownership.end()
            raise Temporary(f"the inbox {path} cannot be opened: {error}") from error
        except BaseException:
            ownership.end()
            raise
        return cls(writer, limits, ownership)

    @classmethod
    def visit(cls, path: Path) -> SqliteInbox:
        """Look at, or replay in, an inbox that another process may own; raises Refusal."""
        return cls(Writer(lambda: visited(path)), _USUAL)

    def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        self._writer.close()
        if self._ownership is not None:
            self._ownership.end()
            self._ownership = None

    def accept(self, delivery: Delivery) -> Answer:
        """Make a delivery durable, then answer; one whose rows are dead is put back to work."""
        try:
            return self._writer.do(lambda db: statements.take(db, delivery, self._limits))
        except Temporary as error:
            return StoreFull(str(error))

    def claim(self, now: datetime) -> Claim | None:
        """The key that waited longest, with its oldest rows; None if nothing is ready."""
        until = now + self._limits.lease
        return self._writer.do(lambda db: leases.claim(db, now, until, self._limits))

    def finish(self, claim: Claim) -> bool:
        """Mark the work as done; False if the lease was lost meanwhile."""
        return self._writer.do(lambda db: leases.finish(db, claim))

    def retry(self, claim: Claim, at: datetime, reason: str) -> bool:
        """Give the work back until `at`; rows tried too often die. False if the lease was lost.

        The whole key waits, with whatever arrives for it meanwhile: a stream of deliveries must
        not wear down a server that asked for rest.
        """
        limit = self._limits.attempts
        return self._writer.do(lambda db: leases.retry(db, claim, at, reason, limit))

    def dead_letters(self, limit: int) -> tuple[Row, ...]:
        """The newest rows nobody will try again unless asked to."""
        return self.listing(State.DEAD, limit)

    def replay(self, guid: str) -> int:
        """Put a delivery's finished or dead rows back to work, and count them; raises Refusal."""
        return self._writer.do(lambda db: statements.replay(db, guid))

    def listing(self, state: State | None, limit: int) -> tuple[Row, ...]:
        """The newest rows, or the newest in one state."""
        return self._writer.do(lambda db: rows.listing(db, state, limit))

    def found(self, guid: str) -> tuple[Row, ...]:
        """The rows of one delivery."""
        return self._writer.do(lambda db: rows.found(db, guid))

    def purge(self, before: datetime) -> int:
        """Forget finished and dead rows received before then, and count them.

        In small pieces, so that no delivery waits for it.
        """
        total = 0
        while count := self._writer.do(lambda db: statements.purge(db, before)):
            total += count
        return total

    def wake_at(self) -> datetime | None:
        """When the next claim can give something: in the past if at once, None if never."""
        return self._writer.do(statements.wake_at)

    def counts(self) -> Mapping[State, int]:
        """How many rows are in each state."""
        return self._writer.do(rows.counts)

    def writable(self) -> bool:
        """Whether a delivery could be made durable now: found out by writing."""
        try:
            return self._writer.do(statements.probe)
        except Temporary:
            return False
