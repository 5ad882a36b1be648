"""`towline deliveries` as a person uses it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from github_app.events import (
    ArtifactPosted,
    ButtonPressed,
    CommentMade,
    Event,
    FreightAsked,
    ImagePushed,
    InstallationChanged,
)
from github_app.inbox.commands import add_parser, run
from github_app.inbox.sqlite import SqliteInbox
from github_app.surroundings import Surroundings
from plugin.artifact import Repository
from plugin.errors import Refusal
from tests.inbox.inboxes import MINUTE, NOW, change, claimed, delivery

SAID = "GitHub said\x1b[31m\x9b2J\u202e\nno"
DEAD = "d-dead    GitHub said\\x1b[31m\\x9b2J\\u202e\\nno"


def around(**environ: str) -> Surroundings:
    return Surroundings(environ, lambda: NOW, lambda _seconds: None, lambda: "id")


class Command:
    """The command, and what it prints."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self.capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str]:
        """The exit status and what was printed."""
        status = run(parsed(*words), around(TOWLINE_DATA=str(self.directory)))
        return status, self.capsys.readouterr().out


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["deliveries", *words])


@pytest.fixture
def asked(inbox: SqliteInbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command over a dead delivery, one that waits for another try, and a new one."""
    inbox.accept(delivery("d-dead"))
    for _ in range(3):
        inbox.retry(claimed(inbox), NOW, SAID)
    inbox.accept(delivery("d-waits", change("acme/slow")))
    inbox.retry(claimed(inbox), NOW + MINUTE, "busy")
    inbox.accept(delivery("d-new", change("acme/new")))
    return Command(tmp_path, capsys)


def test_list_is_a_table_newest_first(asked: Command) -> None:
    status, text = asked("list")
    assert status == 0
    assert text.splitlines() == [
        "RECEIVED              STATE    TRIES  SOURCE  KIND  KEY                  DELIVERY  ERROR",
        "2026-11-21T09:00:00Z  pending  0      github  push  repo:9001:acme/new   d-new",
        "2026-11-21T09:00:00Z  pending  1      github  push  repo:9001:acme/slow  d-waits   busy",
        f"2026-11-21T09:00:00Z  dead     3      github  push  repo:9001:acme/shop  {DEAD}",
    ]


def test_list_can_be_narrowed(asked: Command) -> None:
    _, text = asked("list", "--state", "pending", "--limit", "1")
    assert "d-new" in text
    assert "d-waits" not in text
    assert asked("list", "--state", "done")[1] == "no deliveries\n"


def test_dead_lists_dead_letters(asked: Command) -> None:
    _, text = asked("dead", "--json")
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
        "error": SAID,
        "events": [
            {"repository": "acme/shop", "installation": 9001, "why": "push to refs/heads/main"}
        ],
    }


def test_nothing_strangers_wrote_reaches_the_terminal(asked: Command) -> None:
    for words in (("list",), ("dead",), ("show", "d-dead"), ("list", "--json")):
        _, text = asked(*words)
        assert text.replace("\n", "").isprintable()
        assert "said\\x1b[31m" in text or "said\\u001b[31m" in text


def test_show_says_everything_about_one(asked: Command) -> None:
    status, text = asked("show", "d-waits")
    assert status == 0
    assert "notBefore   2026-11-21T09:01:00+00:00" in text
    assert "error       busy" in text
    assert "event       look at acme/slow: push to refs/heads/main" in text


POSTED = ArtifactPosted(
    *("acme/shop", "shop", "models", "llm", "1.2.0"), (("commit", "c0ffee"),), "acme/training"
)
EVENTS: list[tuple[Event, str, dict[str, object]]] = [
    (
        ImagePushed(Repository("quay.io", "acme/web"), "1.2.3"),
        "ask the registry for quay.io/acme/web:1.2.3",
        {"host": "quay.io", "image": "acme/web", "tag": "1.2.3"},
    ),
    (
        ImagePushed(Repository("ghcr.io", "acme/web"), None),
        "ask the registry for ghcr.io/acme/web",
        {"host": "ghcr.io", "image": "acme/web", "tag": None},
    ),
    (
        InstallationChanged(7),
        "list the repositories of installation 7",
        {"installation": 7},
    ),
    (
        CommentMade(7, "acme/shop", "IC_1"),
        "look at acme/shop: comment IC_1",
        {"installation": 7, "repository": "acme/shop", "comment": "IC_1"},
    ),
    (
        ButtonPressed(7, "acme/shop", "a" * 40, "hold", "kim", "d1"),
        "look at acme/shop: kim pressed hold",
        {"repository": "acme/shop", "commit": "a" * 40, "pressed": "hold", "who": "kim"},
    ),
    (
        POSTED,
        "take llm 1.2.0 (commit=c0ffee) into acme/shop shop models, posted by acme/training",
        {
            "artifact": {"name": "llm", "version": "1.2.0", "metadata": {"commit": "c0ffee"}},
            "repository": "acme/shop",
            "project": "shop",
            "warehouse": "models",
            "sender": "acme/training",
        },
    ),
    (
        FreightAsked("acme/shop", "", "web", (("web", "2.0.0"), ("api", "1.9.0")), "the secret"),
        "assemble web=2.0.0, api=1.9.0 in acme/shop web, asked for by the secret",
        {
            "assemble": {"web": "2.0.0", "api": "1.9.0"},
            "repository": "acme/shop",
            "project": "",
            "warehouse": "web",
            "sender": "the secret",
        },
    ),
]


@pytest.mark.parametrize(("event", "line", "document"), EVENTS)
def test_show_says_what_each_kind_of_sender_asks_for(
    asked: Command, inbox: SqliteInbox, event: Event, line: str, document: dict[str, object]
) -> None:
    inbox.accept(delivery("d-kind", event, source="post"))
    assert f"event       {line}" in asked("show", "d-kind")[1]
    (row,) = json.loads(asked("show", "d-kind", "--json")[1])
    assert row["events"] == [document]
    assert row["source"] == "post"


def test_replay_puts_a_delivery_back_to_work(asked: Command, inbox: SqliteInbox) -> None:
    assert asked("replay", "d-dead") == (0, "d-dead is acted on again\n")
    assert {claimed(inbox).delivery, claimed(inbox).delivery} == {"d-dead", "d-new"}


def test_replay_answers_machines(asked: Command) -> None:
    _, text = asked("replay", "d-dead", "--json")
    assert json.loads(text) == {"delivery": "d-dead", "replayed": 1}


@pytest.mark.parametrize("verb", ["list", "dead", "show", "replay"])
def test_the_data_directory_may_stand_before_or_after_the_verb(verb: str) -> None:
    words = [verb] if verb in {"list", "dead"} else [verb, "d-1"]
    assert parsed("--data", "here", *words).data == "here"
    assert parsed(*words, "--data", "here").data == "here"
    assert parsed("--data", "there", *words, "--data", "here").data == "here"
    assert parsed(*words).data is None


def test_what_cannot_be_done_is_refused_in_words(asked: Command, tmp_path: Path) -> None:
    for words in (["replay"], ["show"], ["show", "--json"]):
        with pytest.raises(Refusal, match="no delivery 'nobody' is kept"):
            asked(*words, "nobody")
    with pytest.raises(Refusal, match=r"there is no inbox at .*elsewhere"):
        run(parsed("--data", str(tmp_path / "elsewhere"), "list"), around())
    with pytest.raises(Refusal, match="there is no inbox at /var/lib/towline"):
        run(parsed("list"), around())
