"""Work in groups: one commit for all, and one job's mistake is its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from github_app.inbox.database import opened
from github_app.inbox.writer import Writer
from plugin.errors import Refusal, Temporary
from tests.inbox.inboxes import MINUTE


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    found = Writer(lambda: opened(tmp_path / "inbox.sqlite", 1 << 20, MINUTE))
    yield found
    found.close()


def counted(db: sqlite3.Connection) -> int:
    (count,) = db.execute("SELECT count(*) FROM probe").fetchone()
    return int(count)


def inserted(db: sqlite3.Connection) -> int:
    db.execute("INSERT INTO probe VALUES ('x')")
    return counted(db)


def refused(db: sqlite3.Connection) -> int:
    db.execute("INSERT INTO probe VALUES ('x')")
    raise Refusal("not this one")


def grouped(writer: Writer, *works: object) -> list[object]:
    """The answers to works that all wait while the writer is busy, so that they are one group."""
    busy, go = threading.Event(), threading.Event()

    def block(_db: sqlite3.Connection) -> None:
        busy.set()
        go.wait()

    def done(work: object) -> object:
        try:
            return writer.do(work)  # type: ignore[arg-type] # works of several types
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works) + 1) as threads:
        first = threads.submit(writer.do, block)
        busy.wait()
        answers = [threads.submit(done, work) for work in works]
        go.set()
        first.result()
        return [answer.result() for answer in answers]


def test_a_group_is_one_commit(writer: Writer) -> None:
    answers = grouped(writer, inserted, inserted, inserted)
    assert sorted(answers, key=str) == [1, 2, 3]


def test_one_jobs_mistake_undoes_that_job_alone(writer: Writer) -> None:
    answers = grouped(writer, inserted, refused, inserted)
    assert [type(answer) for answer in answers] == [int, Refusal, int]
    assert writer.do(counted) == 2


def test_a_bug_in_a_statement_stays_a_bug(writer: Writer) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        writer.do(lambda db: db.execute("SELECT 1 FROM nowhere"))
    assert writer.do(inserted) == 1


def test_what_waits_is_finished_before_closing(writer: Writer) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(writer.do, inserted) for _ in range(8)]
        assert len({answer.result() for answer in answers}) == 8
        writer.close()
    with pytest.raises(Temporary, match="closed"):
        writer.do(inserted)
