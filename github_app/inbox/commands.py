"""`towline deliveries`: what arrived, what became of it, and another try for what died."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from github_app.inbox.event_words import fields, said
from github_app.inbox.ports import Inbox, Row, State
from github_app.inbox.sqlite import FILE, SqliteInbox
from github_app.inbox.statements import missing
from github_app.settings import DATA
from github_app.surroundings import Surroundings
from github_app.terminal import escaped
from plugin.errors import Refusal


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "deliveries", help="list, show and replay the deliveries the App received"
    )
    _add_data(parser, None)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = _verb(verbs, "list", "the newest deliveries")
    listing.add_argument(
        "--state", choices=[state.value for state in State], help="only those in this state"
    )
    dead = _verb(verbs, "dead", "deliveries that were tried too often")
    for limited in (listing, dead):
        limited.add_argument(
            "--limit", type=int, default=50, metavar="N", help="at most so many; default: 50"
        )
    for verb, text in (("show", "everything about one delivery"), ("replay", "act on it again")):
        _verb(verbs, verb, text).add_argument("guid", metavar="ID")
    parser.set_defaults(run=run)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    # Absent here it must not undo what stands before the verb.
    _add_data(parser, argparse.SUPPRESS)
    return parser


def _add_data(parser: argparse.ArgumentParser, default: str | None) -> None:
    text = f"the App's data directory; default: $TOWLINE_DATA, {DATA}"
    parser.add_argument("--data", metavar="DIR", default=default, help=text)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Do what was asked and print it. Raises Refusal, also for no such delivery, and Temporary.

    The App may run meanwhile; it sees a replayed delivery when its worker next looks.
    """
    data = options.data or around.environ.get("TOWLINE_DATA") or DATA
    inbox = SqliteInbox.visit(Path(data) / FILE)
    try:
        return _replay(inbox, options) if options.verb == "replay" else _look(inbox, options)
    finally:
        inbox.close()


def _look(inbox: Inbox, options: argparse.Namespace) -> int:
    rows = _asked(inbox, options)
    if options.verb == "show" and not rows:
        raise Refusal(missing(options.guid))
    if options.json:
        print(json.dumps([_fields(row) for row in rows], indent=2))
    elif options.verb == "show":
        print("\n\n".join(_shown(row) for row in rows))
    else:
        print("\n".join(_table(rows)))
    return 0


def _asked(inbox: Inbox, options: argparse.Namespace) -> tuple[Row, ...]:
    if options.verb == "show":
        return inbox.found(options.guid)
    if options.verb == "dead":
        return inbox.dead_letters(options.limit)
    return inbox.listing(State(options.state) if options.state else None, options.limit)


def _replay(inbox: Inbox, options: argparse.Namespace) -> int:
    count = inbox.replay(options.guid)
    answer = {"delivery": options.guid, "replayed": count}
    print(json.dumps(answer) if options.json else f"{options.guid} is acted on again")
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
        "events": [fields(event) for event in row.events],
    }


def _shown(row: Row) -> str:
    shown = {name: value for name, value in _fields(row).items() if value and name != "events"}
    lines = [*shown.items(), *(("event", said(event)) for event in row.events)]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:{width}}  {escaped(str(value))}" for name, value in lines)


def _table(rows: Sequence[Row]) -> list[str]:
    """Columns as wide as they must be; the last one, the error, as long as it is."""
    if not rows:
        return ["no deliveries"]
    head = ("RECEIVED", "STATE", "TRIES", "SOURCE", "KIND", "KEY", "DELIVERY", "ERROR")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def _cells(row: Row) -> tuple[str, ...]:
    received = f"{row.received_at:%Y-%m-%dT%H:%M:%SZ}"
    told = (row.source, row.kind, row.key, row.guid, row.error)
    return (received, row.state.value, str(row.attempts), *map(escaped, told))
