"""Disks that are full, files that are damaged, read-only, locked or from the future."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.inbox.database import opened
from github_app.inbox.limits import Limits
from github_app.inbox.ports import Accepted, State, StoreFull
from github_app.inbox.sqlite import SqliteInbox
from plugin.errors import Refusal, Temporary
from tests.inbox.inboxes import MINUTE, NOW, change, claimed, delivery

SMALL = Limits(size=200 * 1024)


def filled(inbox: SqliteInbox) -> list[str]:
    """The ids accepted until the inbox was full."""
    accepted: list[str] = []
    for number in range(5000):
        answer = inbox.accept(delivery(f"{number}", change(why="x" * 500)))
        if isinstance(answer, StoreFull):
            assert "full" in answer.reason
            return accepted
        accepted.append(f"{number}")
    raise AssertionError("the inbox never filled up")


def test_a_full_disk_refuses_and_loses_nothing_it_accepted(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", SMALL)
    accepted = filled(inbox)
    assert accepted
    assert not inbox.writable()
    kept = {row.guid for row in inbox.listing(None, 10_000)}
    assert kept == set(accepted)
    inbox.close()


def test_a_full_disk_recovers_when_there_is_space_again(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", SMALL)
    accepted = filled(inbox)
    inbox.finish(claimed(inbox))
    assert inbox.purge(NOW + MINUTE) == len(accepted)
    assert inbox.writable()
    assert inbox.accept(delivery("after")) == Accepted()
    inbox.close()


def test_a_locked_database_refuses_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite"
    inbox = SqliteInbox.open(path, Limits(patience=timedelta(milliseconds=10)))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert isinstance(inbox.accept(delivery("a")), StoreFull)
    with pytest.raises(Temporary, match="locked"):
        inbox.claim(NOW)
    other.execute("ROLLBACK")
    other.close()
    assert inbox.accept(delivery("a")) == Accepted()
    inbox.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"this was a database once" * 1000)


def bad_page(path: Path) -> None:
    blob = bytearray(path.read_bytes())
    blob[4096 * 2 : 4096 * 4] = b"\xa5" * 4096 * 2
    path.write_bytes(bytes(blob))


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("damage", [garbage, bad_page, cut_short])
def test_a_damaged_inbox_is_moved_aside_loudly_and_begun_anew(
    damage: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "inbox.sqlite"
    inbox = SqliteInbox.open(path)
    inbox.accept(delivery("a"))
    inbox.close()
    damage(path)
    with caplog.at_level(logging.ERROR):
        inbox = SqliteInbox.open(path)
    assert f"moved to {path}.broken-1" in caplog.text
    assert (tmp_path / "inbox.sqlite.broken-1").exists()
    assert inbox.counts()[State.PENDING] == 0
    assert inbox.accept(delivery("b")) == Accepted()
    inbox.close()


def test_damage_under_way_is_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "inbox.sqlite"
    inbox = SqliteInbox.open(path)
    for number in range(2000):
        inbox.accept(delivery(f"{number}", change(why="x" * 500)))
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    blob = bytearray(path.read_bytes())
    blob[4096:] = b"\xa5" * (len(blob) - 4096)
    path.write_bytes(bytes(blob))
    answers = [inbox.accept(delivery(f"new-{number}")) for number in range(20)]
    assert isinstance(answers[0], StoreFull)
    assert answers[-1] == Accepted()
    assert "damaged" in caplog.text
    assert claimed(inbox).events == (change(),)
    inbox.close()


def test_an_inbox_from_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(Refusal, match="newer Towline"):
        SqliteInbox.open(path)
    with pytest.raises(Refusal, match="newer Towline"):
        SqliteInbox.open(path)


def test_an_inbox_nobody_can_open_is_said(tmp_path: Path) -> None:
    (tmp_path / "inbox.sqlite").mkdir()
    with pytest.raises(Temporary, match="cannot be opened"):
        SqliteInbox.open(tmp_path / "inbox.sqlite")


def test_a_visitor_needs_an_inbox(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no inbox"):
        SqliteInbox.visit(tmp_path / "inbox.sqlite")


def test_a_visitor_is_told_of_a_file_that_is_no_inbox(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite"
    path.write_text("not a database\n" * 100)
    with pytest.raises(Refusal, match=r"inbox\.sqlite is not an inbox, .*App's data directory"):
        SqliteInbox.visit(path)
    path.write_bytes(b"")
    with pytest.raises(Refusal, match=r"cannot be read as an inbox .no such table"):
        SqliteInbox.visit(path)
    assert not list(tmp_path.glob("*.broken-*")), "a visitor moves nothing"


def test_commits_are_synced_to_the_disk(tmp_path: Path) -> None:
    database = opened(tmp_path / "inbox.sqlite", SMALL.size, MINUTE)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA synchronous").fetchone() == (2,), "2 is FULL"
    database.close()
