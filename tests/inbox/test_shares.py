"""One sender's flood leaves room for the others, and a full inbox space for its worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from github_app.inbox import database
from github_app.inbox.limits import Limits
from github_app.inbox.ports import Accepted, Crowded, Duplicate, State, StoreFull
from github_app.inbox.sqlite import SqliteInbox
from tests.inbox.inboxes import MINUTE, NOW, change, claimed, delivery


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[SqliteInbox]:
    found = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(attempts=1, share=10))
    yield found
    found.close()


def flood(inbox: SqliteInbox, count: int, source: str = "quay") -> int:
    """How many of so many deliveries of one source are taken."""
    answers = [
        inbox.accept(delivery(f"{source}-{number}", change(f"acme/{number}"), source=source))
        for number in range(count)
    ]
    return answers.count(Accepted())


def test_a_source_has_its_share_and_the_others_theirs(inbox: SqliteInbox) -> None:
    assert flood(inbox, 100) == 10
    answer = inbox.accept(delivery("one more", source="quay"))
    assert answer == Crowded("10 deliveries of quay wait already")
    assert flood(inbox, 100, "harbor") == 10
    assert inbox.accept(delivery("github's")) == Accepted()


def test_what_has_ended_makes_room_for_what_is_new(inbox: SqliteInbox) -> None:
    flood(inbox, 10)
    first = claimed(inbox)
    inbox.finish(first)
    assert inbox.accept(delivery("new", source="quay")) == Accepted()
    assert inbox.found(first.delivery) == ()
    assert isinstance(inbox.accept(delivery("newer", source="quay")), Crowded)


def test_what_died_is_forgotten_last(inbox: SqliteInbox) -> None:
    flood(inbox, 10)
    dead, done = claimed(inbox), None
    inbox.retry(dead, NOW, "a bug")
    done = claimed(inbox)
    inbox.finish(done)
    assert inbox.accept(delivery("new", source="quay")) == Accepted()
    assert [row.state for row in inbox.found(dead.delivery)] == [State.DEAD]
    assert inbox.accept(delivery("newer", source="quay")) == Accepted()
    assert inbox.found(dead.delivery) == ()


def test_forgotten_rows_are_counted_off(inbox: SqliteInbox) -> None:
    flood(inbox, 10)
    while claim := inbox.claim(NOW):
        inbox.finish(claim)
    inbox.purge(NOW + MINUTE)
    assert flood(inbox, 100) == 10


def test_duplicates_take_no_room(inbox: SqliteInbox) -> None:
    for _ in range(50):
        inbox.accept(delivery("the same"))
    assert inbox.accept(delivery("the same")) == Duplicate()
    assert inbox.accept(delivery("another")) == Accepted()


def test_bytes_count_as_well_as_rows(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(share_bytes=10_000))
    long = change(why="x" * 2000)
    answers = [inbox.accept(delivery(f"{number}", long, source="post")) for number in range(9)]
    assert answers.count(Accepted()) == 5
    crowded = Crowded("deliveries of post with 10000 bytes wait already")
    assert inbox.accept(delivery("small", source="post")) == crowded
    assert inbox.accept(delivery("github's")) == Accepted()
    inbox.finish(claimed(inbox))
    assert inbox.accept(delivery("later", long, source="post")) == Accepted()
    inbox.close()


def test_reasons_of_failures_count_and_what_is_forgotten_counts_off(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite"
    inbox = SqliteInbox.open(path, Limits(attempts=2))
    for number in range(5):
        inbox.accept(delivery(f"{number}", change(f"acme/{number}"), source="post"))
    before = kept_bytes(path, "post")
    inbox.retry(claimed(inbox), NOW, "é" * 500)
    assert kept_bytes(path, "post") == before + 1000
    while claim := inbox.claim(NOW):
        inbox.finish(claim)
    assert kept_bytes(path, "post") == before
    assert inbox.purge(NOW + MINUTE) == 5
    assert kept_bytes(path, "post") == 0
    inbox.close()


def kept_bytes(path: Path, source: str) -> int:
    """What is kept in account of a source, which must be what its rows add up to."""
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT coalesce(sum(size), 0) FROM deliveries WHERE source = ?"
        (summed,) = database.execute(query, (source,)).fetchone()
        query = "SELECT bytes FROM shares WHERE source = ?"
        (kept,) = database.execute(query, (source,)).fetchone()
    assert kept == summed
    return int(kept)


def test_whoever_fills_the_inbox_leaves_room_for_github_and_the_worker(tmp_path: Path) -> None:
    """As many senders as it takes, with what fills most; then GitHub does the same."""
    limits = Limits(size=1 << 20, share_bytes=(1 << 20) // 6)
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", limits)
    for source in ("post", "quay", "harbor", "zot", "ecr", "acr", "gar", "nexus"):
        for size in (2100, 100):
            number = 0
            while (
                inbox.accept(delivery(f"{size}-{number}", change(why="x" * size), source=source))
                == Accepted()
            ):
                number += 1
    assert inbox.writable()
    count = flood(inbox, 10_000, "github")
    assert 100 < count < 10_000
    assert flood(inbox, 100, "sweep") == 100
    assert inbox.retry(claimed(inbox), NOW, "x" * 1000)
    inbox.close()


def test_the_workers_notes_are_taken_whatever_waits(inbox: SqliteInbox) -> None:
    """A sweep of more repositories than a source may have rows, and no end of sweeps."""
    assert flood(inbox, 15, "sweep") == 15
    while claim := inbox.claim(NOW):
        inbox.finish(claim)
    assert inbox.accept(delivery("next", source="sweep")) == Accepted()
    assert sum(inbox.counts().values()) == 1


def old_inbox(path: Path, version: int) -> None:
    """What Towline left behind when the tables were of that version."""
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(database._SCHEMA)
    old.execute("CREATE INDEX deliveries_by_state ON deliveries (state)")
    if version == 2:
        old.executescript(database._SHARES)
    old.execute(
        "INSERT INTO deliveries (source, guid, key, kind, events, received_at, state) VALUES"
        " ('github', 'old', 'repo:1:acme/shop', 'push', '[]', '2026-11-21T08:00:00', 'pending')"
    )
    old.execute(f"PRAGMA user_version = {version}")
    old.close()


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_inbox_keeps_its_rows_and_learns_to_count(tmp_path: Path, version: int) -> None:
    path = tmp_path / "inbox.sqlite"
    old_inbox(path, version)
    inbox = SqliteInbox.open(path, Limits(share=2))
    assert inbox.counts()[State.PENDING] == 1
    assert kept_bytes(path, "github") == 300 + 2 * 3 + 3 * 16 + 2
    assert inbox.accept(delivery("second")) == Accepted()
    assert isinstance(inbox.accept(delivery("third")), Crowded)
    inbox.close()


def test_a_full_inbox_can_be_worked_off(tmp_path: Path) -> None:
    """Whatever is refused at the door, the worker's notes find space, and then so do others."""
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite", Limits(size=400 * 1024))
    number = 0
    for _ in range(3):
        while not isinstance(
            inbox.accept(delivery(f"{number}", change(f"acme/{number % 50}", "x" * 300))),
            StoreFull,
        ):
            number += 1
        assert not inbox.writable()
        while claim := inbox.claim(NOW):
            assert inbox.finish(claim)
    assert number > 500
    inbox.close()
