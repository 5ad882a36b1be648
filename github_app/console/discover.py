"""`towline discover`: which versions a warehouse could take, and why it takes no others."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

from github_app.console.freight_words import found_json, last_assembled, said_of
from github_app.console.offerings import Offered, Offering, Row, offered
from github_app.console.sources import local_discovery
from github_app.console.warehouses import add_arguments, asked_of, note_fetched
from github_app.discovery import Discovered
from github_app.ledger_times import time_text
from github_app.surroundings import Surroundings
from github_app.terminal import escaped
from plugin.artifact import Artifact
from plugin.pipeline import Creation
from plugin.subscriptions import (
    ChartSubscription,
    CustomSubscription,
    DiskSubscription,
    GitSubscription,
    ImageSubscription,
    PathSubscription,
    StageSubscription,
    Subscription,
    watched_by,
)

_ROWS = 5
_PLAIN = re.compile(r"(?:git::)?http://", re.IGNORECASE)
_EPILOG = """\
examples:
  towline discover                          every warehouse of this checkout
  towline discover --warehouse web --all    everything about one
  towline discover --json | jq '.[].freight'

The pipeline files are read as they are in the working tree, so that a rule can be tried before it
is committed. Logins are those of 'docker login'. What only the App knows is read from the ledger of
the checkout's origin: what CI posted, and how long young versions are known.

Exit status: 0 every warehouse was looked at, 1 nothing could be read.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "discover",
        help="show which versions a warehouse could take, and why not the others",
        description=(
            "Ask registries, repositories and publishers: candidates with the best first, the ones "
            "that would be freight marked, and the rule that keeps each other version out."
        ),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument("--all", action="store_true", help=f"show all, not {_ROWS} of each")
    parser.add_argument("--json", action="store_true", help="print a list of warehouses, with all")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print what is offered; raises Refusal."""
    every = options.all or options.json
    asked = asked_of(options, around)
    note_fetched(one.warehouse for one in asked)
    most = None if every else _ROWS
    with local_discovery(around) as discovery:
        found = [offered(one, discovery, around.clock(), most) for one in asked]
    if options.json:
        print(json.dumps([as_json(one) for one in found], indent=2))
    else:
        texts = ("\n".join(map(escaped, as_text(one, every=every))) for one in found)
        print("\n\n".join(texts))
    return 0


def as_text(found: Offered, *, every: bool) -> Iterator[str]:
    """The warehouse for people."""
    warehouse = found.asked.warehouse
    yield f"warehouse {warehouse.name} of {found.asked.project.name}: {_headline(found)}"
    if isinstance(found.found, Discovered) and found.found.passed_over:
        yield f"  not the best of each: {found.found.passed_over}"
    if warehouse.creation is Creation.MANUAL:
        yield "  its freight is assembled by people: see towline freight --help"
        yield f"  {last_assembled(found.asked.known)}"
    for offering in found.offerings:
        one = offering.subscription
        yield f"  {one.name}: {kind_of(one)} {_watched(one)}"
        if offering.problem:
            yield f"    ! {offering.problem}"
        elif not offering.rows:
            yield "    nothing to take"
        several = isinstance(one, PathSubscription | StageSubscription)
        yield from _table([_cells(row, named=several) for row in offering.rows])
        if offering.more:
            yield "      ... and more: --all shows them"
        yield from _filtered(offering, every=every)


def _headline(found: Offered) -> str:
    """The freight, or why there is none; what is one subscription's problem is told there."""
    said = said_of(found.asked, found.found)
    for one in found.offerings:
        if one.problem and said.endswith(one.problem):
            return f"no freight, because of {one.subscription.name}"
    return said


def _cells(row: Row, *, named: bool) -> tuple[str, ...]:
    """A row; `named` says what it is a version of."""
    artifact, created = row.candidate.artifact, row.candidate.created
    proof = _proof(artifact)
    return (
        ">" if row.chosen else " ",
        *((str(artifact.subject),) if named else ()),
        artifact.version,
        proof if len(proof) < 20 else f"{proof[:19]}…",
        time_text(created) if created else "",
        f"too young until {time_text(row.ready_at)}" if row.ready_at else "",
    )


def _proof(artifact: Artifact) -> str:
    """What proves the content, unless that is the version itself, as a commit's id is."""
    proof = artifact.content or ""
    return "" if proof == artifact.tag else proof


def _filtered(offering: Offering, *, every: bool) -> Iterator[str]:
    shown = offering.filtered if every else offering.filtered[:_ROWS]
    if shown:
        yield "    not taken:"
        yield from _table([(" ", one.tag, one.rule) for one in shown])
    left = len(offering.filtered) - len(shown)
    if left:
        yield f"      ... and {left} more: --all shows them"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The rows with their cells one below the other."""
    shown = [tuple(map(escaped, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"    {'  '.join(cells)}".rstrip()


def kind_of(subscription: Subscription) -> str:
    """The key that the pipeline file has for it, with its rule."""
    words: list[str | None]
    match subscription:
        case ImageSubscription(select=select, constraint=constraint):
            words = ["image", select.value, constraint]
        case GitSubscription(select=selection, constraint=constraint):
            words = ["git", selection.value, constraint]
        case ChartSubscription(constraint=constraint):
            words = ["chart", constraint]
        case DiskSubscription(constraint=constraint):
            words = ["disk", constraint]
        case CustomSubscription():
            words = ["custom"]
        case PathSubscription():
            words = ["path"]
        case StageSubscription():
            words = ["stage"]
        case _:
            assert_never(subscription)
    return " ".join(word for word in words if word)


def _watched(subscription: Subscription) -> str:
    match subscription:
        case PathSubscription(path=path):
            return path
        case StageSubscription():
            return str(subscription)
        case GitSubscription(repository=repository, address=address) if _PLAIN.match(address):
            return f"http://{repository.host}/{repository.path}"
        case _:
            return ", ".join(map(str, watched_by(subscription)))


def as_json(found: Offered) -> Mapping[str, Any]:
    """The warehouse for programs."""
    return {
        **found_json(found.asked, found.found),
        "subscriptions": [
            {
                "name": one.subscription.name,
                "watches": _watched(one.subscription),
                "problem": one.problem,
                "candidates": [_row_json(row) for row in one.rows],
                "filtered": [{"version": each.tag, "rule": each.rule} for each in one.filtered],
            }
            for one in found.offerings
        ],
    }


def _row_json(row: Row) -> Mapping[str, Any]:
    candidate = row.candidate
    return {
        "of": str(candidate.artifact.subject),
        "version": candidate.artifact.tag,
        "content": candidate.artifact.content,
        "created": time_text(candidate.created) if candidate.created else None,
        "chosen": row.chosen,
        "readyAt": time_text(row.ready_at) if row.ready_at else None,
        "facts": dict(candidate.facts),
    }
