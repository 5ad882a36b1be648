"""The generator's deliveries are taken by the App, and every answer is noted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bench.delivery_generator import SECRET, SIZE, Generator, push, requests
from github_app.app import Parts, create_app
from github_app.identity import Identity
from github_app.inbox.ports import State
from github_app.inbox.sqlite import SqliteInbox
from github_app.metrics import Metrics
from github_app.wsgi_server import Server


def test_every_delivery_is_accepted_and_noted(tmp_path: Path) -> None:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    parts = Parts(
        inbox=inbox,
        identity=Identity(1, "towline"),
        secrets={"github": (SECRET,)},
        metrics=Metrics(),
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        new_id=lambda: "error",
        wake=lambda: None,
    )
    with Server(create_app(parts), "127.0.0.1", 0) as server:
        load = Generator(server.port, requests("one", 100)).run()
    assert sorted(load.accepted) == sorted(f"one-{number}" for number in range(100))
    assert len(load.latencies) == 100
    assert inbox.counts()[State.PENDING] == 100
    inbox.close()


def test_a_body_has_the_size_the_table_says() -> None:
    assert [len(push(number)) for number in (0, 49)] == [SIZE, SIZE]
