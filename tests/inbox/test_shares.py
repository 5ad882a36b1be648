"""One sender's flood leaves room for the others, and a full inbox space for its worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from github_app.inbox import database
from github_app.inbox.ports import Accepted, Crowded, Duplicate, State, StoreFull
from github_app.inbox.sqlite import Limits, SqliteInbox
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


def test_an_older_inbox_keeps_its_rows_and_learns_to_count(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite"
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(
        database._SCHEMA
        + "CREATE INDEX deliveries_by_state ON deliveries (state); PRAGMA user_version = 1;"
        "INSERT INTO deliveries (source, guid, key, kind, events, received_at, state) VALUES"
        " ('github', 'old', 'repo:1:acme/shop', 'push', '[]', '2026-11-21T08:00:00', 'pending')"
    )
    old.close()
    inbox = SqliteInbox.open(path, Limits(share=2))
    assert inbox.counts()[State.PENDING] == 1
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
