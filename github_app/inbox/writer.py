"""One thread that writes: whatever waits is committed together, and answered when it is durable.

A disk that syncs 200 times a second would take 200 deliveries a second one by one; in groups it
takes as many as fit between two syncs.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from github_app.inbox.database import is_broken
from plugin.errors import Temporary

_LOG = logging.getLogger(__name__)
_GROUP = 500
_PASSING = frozenset(
    {
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL),
    }
)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    answer: Future[Any] = field(default_factory=Future)


class Writer:
    """Runs work on a connection, in one thread, in order, each answered after its commit.

    `connect` is called again when the file turns out to be damaged; the file it then opens is
    another one.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = connect()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """What `work` gives once it is durable; it may be run twice if its group fails.

        Raises Temporary if the store cannot be written now, and whatever `work` raises.
        """
        job = _Job(work)
        with self._closing:
            if self._closed:
                raise Temporary("the inbox is closed")
            self._jobs.put(job)
        answer: _T = job.answer.result()
        return answer

    def close(self) -> None:
        """Finish what waits, then close the database."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        self._disconnect()

    def _run(self) -> None:
        while group := self._group():
            self._settle(group)

    def _group(self) -> list[_Job]:
        """Everything that waits, at least one job; nothing when the writer is closed."""
        found: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            found.append(job)
            if len(found) >= _GROUP or self._jobs.empty():
                return found
            job = self._jobs.get()
        if found:
            self._jobs.put(None)
        return found

    def _settle(self, group: list[_Job]) -> None:
        """Give every job its answer: all after one commit, or each after its own."""
        try:
            results = self._committed(group)
        except Exception as error:
            explained = self._explained(error)
            if len(group) > 1 and not isinstance(explained, Temporary):
                # One job's mistake is not the others': each is done alone, and gets its own.
                for job in group:
                    self._settle([job])
                return
            for job in group:
                job.answer.set_exception(explained)
        else:
            for job, result in zip(group, results, strict=True):
                job.answer.set_result(result)

    def _committed(self, group: list[_Job]) -> list[Any]:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            results = [job.work(connection) for job in group]
            connection.execute("COMMIT")
        except BaseException:
            # A full disk has made SQLite roll back by itself already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return results

    def _explained(self, error: Exception) -> Exception:
        """The error as our callers know it; a damaged file is let go of."""
        if not isinstance(error, sqlite3.Error):
            return error
        if is_broken(error):
            _LOG.error("the inbox is damaged: %s", error)
            self._disconnect()
            return Temporary(f"the inbox is damaged: {error}")
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
            return Temporary(f"the inbox cannot be written: {error}")
        return error

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
