"""`towline plan`: what Towline would do now and what it waits for; nothing is written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from github_app.artifact_words import name_of
from github_app.console.plan_json import as_json
from github_app.console.plan_words import later_of, objections, shut_gates, words_of
from github_app.console.sources import github_picture, local_picture, uncommitted
from github_app.console.warehouses import note_fetched
from github_app.discovery import Discovered, Discovery, Undiscovered
from github_app.gates import Gate
from github_app.ledger_times import time_text
from github_app.picture import LinePicture, RepositoryPicture
from github_app.plan import LinePlan, Plan, plan
from github_app.rules.decision import Promote
from github_app.rules.subjects import before_of
from github_app.surroundings import Surroundings
from github_app.terminal import escaped
from plugin.pipeline import Creation, Warehouse
from plugin.record import record_path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "plan",
        help="say what would be promoted, what is waited for and until when",
        description=(
            "Without --repository: the checkout's last commit as if it were the default branch, "
            "without GitHub's pull requests, reviews and protection. With it: the repository on "
            "GitHub, read with the App's TOWLINE_ settings."
        ),
    )
    parser.add_argument("path", nargs="?", default=".", type=Path, help="a checkout (default: .)")
    parser.add_argument("--repository", metavar="OWNER/NAME", help="look at GitHub instead")
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print the plan; 1 if a pipeline file cannot be read."""
    if options.repository:
        picture = github_picture(options.repository, around)
    else:
        picture = local_picture(options.path, around)
        _note_uncommitted(options.path, around)
        note_fetched(one for each in picture.projects for one in each.project.warehouses)
    planned = plan(picture, around.clock())
    if options.json:
        print(json.dumps(as_json(picture, planned), indent=2))
    else:
        print("\n".join(map(escaped, as_text(picture, planned))))
    return 1 if picture.broken or picture.ledger_alarm else 0


def as_text(picture: RepositoryPicture, planned: Plan) -> Iterator[str]:
    """The plan for people, a line or more for each stage's line."""
    yield f"{picture.name} at {picture.default_oid[:12]} on {picture.default_branch}"
    if picture.ledger_alarm:
        yield f"  ! {picture.ledger_alarm}"
    for broken in picture.broken:
        yield from (f"  ! {mistake}" for mistake in broken.mistakes)
    for project in picture.projects:
        yield f"project {project.project.name} ({project.project.file})"
        yield from (
            line
            for one in project.project.warehouses
            if one.name in project.discoveries
            for line in _discovery(one, project.discoveries[one.name])
        )
        mine = [line for line in planned.lines if line.project == project.project.name]
        for line in mine:
            yield from _line(line, project.lines[line.stage, line.warehouse])
    if not picture.projects and not picture.broken:
        yield "  there is no towline.yaml on this branch"


def _discovery(warehouse: Warehouse, discovery: Discovery) -> Iterator[str]:
    match discovery:
        case Undiscovered(reason):
            yield f"  ! {reason}"
        case Discovered(freight, passed_over=passed_over):
            why = f" (not the best of each: {passed_over})" if passed_over else ""
            manual = warehouse.creation is Creation.MANUAL
            what = "could be assembled of" if manual else "newest"
            yield f"  warehouse {warehouse.name}: {what} {freight.tags()} {freight.alias}{why}"
        case _:
            assert_never(discovery)
    for late in discovery.young:
        until = time_text(late.ready_at)
        yield f"    {late.subscription} {late.artifact.version} is too young until {until}"


def _note_uncommitted(path: Path, around: Surroundings) -> None:
    files = uncommitted(path, around)
    if files:
        names = ", ".join(files[:5]) + (", ..." if len(files) > 5 else "")
        note = f"note: changes that are not committed are not looked at: {names}"
        print(escaped(note), file=sys.stderr)


def _line(line: LinePlan, seen: LinePicture) -> Iterator[str]:
    opened = f", open as #{seen.open.number}" if seen.open else ""
    shadow = " (shadow: nothing is written)" if line.shadow else ""
    yield f"  {line.stage}/{line.warehouse}: {words_of(line.decision)}{opened}{shadow}"
    match line.decision:
        case Promote() as promote:
            yield from (f"      {one}" for one in _changes(promote, seen))
            yield from (f"      {_gate(one)}" for one in shut_gates(line.gates))
        case _:
            pass
    later = later_of(line.decision)
    if later is not None:
        yield f"      later: {later.reason}"


def _gate(gate: Gate) -> str:
    until = f" (until {time_text(gate.until)})" if gate.until else ""
    return f"gate {gate.name}: {gate.text}{until}"


def _changes(promote: Promote, seen: LinePicture) -> Iterator[str]:
    """From which version each place goes to which, and the disks that somebody must give up."""
    yield from map(str, promote.changes.bumps)
    if not promote.changes.bumps:
        yield from _recorded(promote, seen)
    yield from map(str, promote.changes.disks)
    yield from (f"waits for consent: {text}" for text in objections(promote))


def _recorded(promote: Promote, seen: LinePicture) -> Iterator[str]:
    """What changes in the record, where nothing else does."""
    record = record_path(seen.directory, seen.warehouse)
    before = before_of(seen.holding)
    for artifact in promote.freight.artifacts:
        subject, new = name_of(artifact.subject), _version(artifact.tag, artifact.digest)
        held = before.get(artifact.subject)
        old = _version(held.tag, held.digest) if held else "nothing"
        yield f"{record}: {subject} {'stays' if old == new else f'{old} ->'} {new}"


def _version(tag: str | None, digest: str | None) -> str:
    return "@".join(part for part in (tag, digest) if part)
