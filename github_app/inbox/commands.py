"""`towline deliveries`: what arrived, what became of it, and another try for what died."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from github_app.inbox.event_text import dump
from github_app.inbox.ports import Inbox, Row, State
from github_app.inbox.sqlite import SqliteInbox
from plugin.errors import Refusal

FILE = "inbox.db"
"""The inbox's name in the App's data directory."""


def add_parser(subparsers: Any, data: str | None) -> argparse.ArgumentParser:
    """Add `deliveries` to a command's subparsers; `data` is the usual data directory, if known."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "deliveries", help="list, show and replay the deliveries the App received"
    )
    parser.add_argument(
        "--data", default=data, metavar="DIR", help="the App's data directory ($TOWLINE_DATA)"
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = _verb(verbs, "list", "the newest deliveries")
    listing.add_argument("--state", choices=[state.value for state in State])
    dead = _verb(verbs, "dead", "deliveries that were tried too often")
    for limited in (listing, dead):
        limited.add_argument("--limit", type=int, default=50, metavar="N")
    for verb, text in (("show", "everything about one delivery"), ("replay", "act on it again")):
        _verb(verbs, verb, text).add_argument("guid", metavar="ID")
    parser.set_defaults(run=run)
    return parser


def _verb(verbs: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    return parser


def run(args: argparse.Namespace, out: TextIO | None = None) -> int:
    """Do what was asked and print it; 0, or 1 if nothing was found. Raises Refusal, Temporary.

    The App may run meanwhile; it sees a replayed delivery when its worker next looks.
    """
    if not args.data:
        raise Refusal("name the App's data directory with --data or TOWLINE_DATA")
    inbox = SqliteInbox.visit(Path(args.data) / FILE)
    try:
        return _run(inbox, args, out or sys.stdout)
    finally:
        inbox.close()


def _run(inbox: Inbox, args: argparse.Namespace, out: TextIO) -> int:
    if args.verb == "replay":
        return _replay(inbox, args, out)
    rows = _asked(inbox, args)
    if args.json:
        print(json.dumps([_fields(row) for row in rows], indent=2), file=out)
    elif args.verb == "show":
        print("\n\n".join(_shown(row) for row in rows) or "no such delivery", file=out)
    else:
        print("\n".join(_table(rows)), file=out)
    return 1 if args.verb == "show" and not rows else 0


def _asked(inbox: Inbox, args: argparse.Namespace) -> tuple[Row, ...]:
    if args.verb == "show":
        return inbox.found(args.guid)
    if args.verb == "dead":
        return inbox.dead_letters(args.limit)
    return inbox.listing(State(args.state) if args.state else None, args.limit)


def _replay(inbox: Inbox, args: argparse.Namespace, out: TextIO) -> int:
    count = inbox.replay(args.guid)
    answer = {"delivery": args.guid, "replayed": count}
    text = f"{args.guid} is acted on again"
    print(json.dumps(answer) if args.json else text, file=out)
    return 0


def _fields(row: Row) -> dict[str, Any]:
    return {
        "delivery": row.guid,
        "source": row.source,
        "kind": row.kind,
        "key": row.key,
        "state": row.state.value,
        "receivedAt": row.received_at.isoformat(),
        "attempts": row.attempts,
        "unit": row.token,
        "notBefore": row.not_before.isoformat() if row.not_before else None,
        "error": row.error,
        "events": json.loads(dump(row.events)),
    }


def _shown(row: Row) -> str:
    fields = {**_fields(row), "events": dump(row.events)}
    width = max(map(len, fields))
    return "\n".join(
        f"{name:{width}}  {_plain(str(value))}" for name, value in fields.items() if value
    )


def _table(rows: Sequence[Row]) -> list[str]:
    """Columns as wide as they must be; the last one, the error, as long as it is."""
    if not rows:
        return ["no deliveries"]
    head = ("RECEIVED", "STATE", "TRIES", "KIND", "KEY", "DELIVERY", "ERROR")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def _cells(row: Row) -> tuple[str, ...]:
    received = f"{row.received_at:%Y-%m-%dT%H:%M:%SZ}"
    cells = (received, row.state.value, str(row.attempts), row.kind, row.key, row.guid, row.error)
    return tuple(_plain(cell) for cell in cells)


def _plain(text: str) -> str:
    """One line without control characters: an error may quote what strangers wrote."""
    return "".join(character if character.isprintable() else " " for character in text)
