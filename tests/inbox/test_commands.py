"""`towline deliveries` as a person uses it."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from github_app.inbox.commands import add_parser, run
from github_app.inbox.sqlite import SqliteInbox
from plugin.errors import Refusal
from tests.inbox.inboxes import MINUTE, NOW, change, claimed, delivery

SAID = "GitHub said [31m no"


def asked(directory: Path | None, *words: str) -> tuple[int, str]:
    """The exit status and what was printed."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(), str(directory) if directory else None)
    out = io.StringIO()
    return run(parser.parse_args(["deliveries", *words]), out), out.getvalue()


@pytest.fixture
def filled(inbox: SqliteInbox, tmp_path: Path) -> Path:
    """A directory with a dead delivery, one that waits for another try, and a new one."""
    inbox.accept(delivery("d-dead"))
    for _ in range(3):
        inbox.retry(claimed(inbox), NOW, "GitHub said\x1b[31m\nno")
    inbox.accept(delivery("d-waits", change("acme/slow")))
    inbox.retry(claimed(inbox), NOW + MINUTE, "busy")
    inbox.accept(delivery("d-new", change("acme/new")))
    return tmp_path


def test_list_is_a_table_newest_first(filled: Path) -> None:
    status, text = asked(filled, "list")
    assert status == 0
    assert text.splitlines() == [
        "RECEIVED              STATE    TRIES  KIND  KEY                  DELIVERY  ERROR",
        "2026-11-21T09:00:00Z  pending  0      push  repo:9001:acme/new   d-new",
        "2026-11-21T09:00:00Z  pending  1      push  repo:9001:acme/slow  d-waits   busy",
        f"2026-11-21T09:00:00Z  dead     3      push  repo:9001:acme/shop  d-dead    {SAID}",
    ]


def test_list_can_be_narrowed(filled: Path) -> None:
    _, text = asked(filled, "list", "--state", "pending", "--limit", "1")
    assert "d-new" in text
    assert "d-waits" not in text
    assert asked(filled, "list", "--state", "done")[1] == "no deliveries\n"


def test_dead_lists_dead_letters(filled: Path) -> None:
    _, text = asked(filled, "dead", "--json")
    (row,) = json.loads(text)
    assert row == {
        "delivery": "d-dead",
        "source": "github",
        "kind": "push",
        "key": "repo:9001:acme/shop",
        "state": "dead",
        "receivedAt": "2026-11-21T09:00:00+00:00",
        "attempts": 3,
        "unit": 3,
        "notBefore": None,
        "error": "GitHub said\x1b[31m\nno",
        "events": [
            {"repository": "acme/shop", "installation": 9001, "why": "push to refs/heads/main"}
        ],
    }


def test_show_says_everything_about_one(filled: Path) -> None:
    status, text = asked(filled, "show", "d-waits")
    assert status == 0
    assert "notBefore   2026-11-21T09:01:00+00:00" in text
    assert "error       busy" in text
    assert asked(filled, "show", "nobody") == (1, "no such delivery\n")
    assert asked(filled, "show", "nobody", "--json") == (1, "[]\n")


def test_replay_puts_a_delivery_back_to_work(filled: Path, inbox: SqliteInbox) -> None:
    assert asked(filled, "replay", "d-dead") == (0, "d-dead is acted on again\n")
    assert {claimed(inbox).delivery, claimed(inbox).delivery} == {"d-dead", "d-new"}


def test_replay_answers_machines(filled: Path) -> None:
    _, text = asked(filled, "replay", "d-dead", "--json")
    assert json.loads(text) == {"delivery": "d-dead", "replayed": 1}


def test_what_cannot_be_done_is_refused_in_words(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no delivery 'nobody' is kept"):
        asked(filled, "replay", "nobody")
    with pytest.raises(Refusal, match="there is no inbox"):
        asked(tmp_path / "elsewhere", "list")
    with pytest.raises(Refusal, match="--data or TOWLINE_DATA"):
        asked(None, "list")
