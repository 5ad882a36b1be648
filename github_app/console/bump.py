"""`towline bump`: files at other versions, in place, every other byte kept."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from github_app.console.asked import Asked, add_arguments, asked_of
from github_app.console.bumped import Outcome, as_json, left_markers, lines
from github_app.console.consents import with_consents
from github_app.console.disk_families import check_families
from github_app.console.files import Place, content_of, walk
from github_app.console.replacing import Rewrite, replace_all
from github_app.surroundings import Surroundings
from plugin.artifact import Wanted
from plugin.bumping import Bumps, bumps
from plugin.pins.chart_lock import LOCKS
from plugin.pins.edit import chosen
from plugin.pins.find import concerns
from plugin.pins.naming import resolved
from plugin.pins.nodes import Refused
from plugin.pins.sources import Sources

# Bytes that are no UTF-8 come back as they were; reading such a text as YAML refuses it.
_UTF8 = ("utf-8", "surrogateescape")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "bump",
        help="write other versions into files, every other byte kept",
        description=(
            "Bump every pin of what is asked for, in place. A file in which one of these pins "
            "cannot be bumped safely stays as it is, and the reason is said."
        ),
        epilog=(
            "Exit status: 1 if something asked for was refused or has no pin anywhere, or a PATH "
            "cannot be read; the rest is done all the same. 0 otherwise, also with --check."
        ),
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files or directories")
    add_arguments(parser)
    parser.add_argument("--check", action="store_true", help="say the same, but write nothing")
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Read:
    """The files below the paths that could be read, and why others could not."""

    places: Mapping[str, Place]
    sources: Sources
    unread: tuple[Refused, ...]
    asked: frozenset[str]


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Bump and say so; 1 if something asked for was refused or found nowhere."""
    del around
    asked = asked_of(options)
    read = _read(options.paths, asked)
    check_families(read.sources, asked)
    outcome = _outcome(read, asked)
    if not options.check:
        replace_all([_rewrite(read, file, text) for file, text in outcome.done.files.items()])
    if options.json:
        print(json.dumps(as_json(outcome), indent=2))
    else:
        print("\n".join(lines(outcome, check=options.check)))
    unheard = any(one.file in read.asked for one in read.unread)
    return 1 if outcome.done.refused or outcome.missing or unheard else 0


def _outcome(read: _Read, asked: Asked) -> Outcome:
    sources = read.sources
    done = bumps(sources, asked.wanted, asked.names, terms=asked.terms)
    missing = tuple(_missing(sources, asked, done))
    left = tuple(left_markers(sources, asked, done))
    changed = {file: text for file, text in done.files.items() if text != sources.texts[file]}
    refused = tuple(with_consents(done.refused, sources, asked))
    done = replace(done, files=changed, refused=refused)
    return Outcome(done, read.unread, missing, left, asked.names)


def _read(paths: Sequence[str], asked: Asked) -> _Read:
    walked = walk(paths)
    texts: dict[str, str] = {}
    unread = list(walked.refused)
    for place in walked.places:
        content = content_of(place)
        if isinstance(content, Refused):
            unread.append(content)
        else:
            texts[place.name] = content.decode(*_UTF8)
    # A lock that nobody can read follows no chart, so the chart beside it stays as it is.
    texts |= {one.file: "" for one in unread if PurePath(one.file).name in LOCKS.values()}
    places = {one.name: one for one in walked.places}
    return _Read(places, Sources(texts, asked.names), tuple(unread), walked.asked)


def _rewrite(read: _Read, file: str, text: str) -> Rewrite:
    return Rewrite(read.places[file], read.sources.texts[file].encode(*_UTF8), text.encode(*_UTF8))


def _missing(sources: Sources, asked: Asked, done: Bumps) -> Iterator[Wanted]:
    """What was asked for and is pinned nowhere, unless the reason was said already."""
    for one in asked.wanted:
        told = any(change.artifact == one for change in done.changes) or any(
            concerns(refused, sources.texts.get(refused.file, ""), one.subject)
            for refused in done.refused
        )
        if not told and not _pinned(sources, asked, one):
            yield one


def _pinned(sources: Sources, asked: Asked, wanted: Wanted) -> bool:
    for file in sources.mentioning([wanted.subject]):
        found = resolved(sources.found(file), asked.names)
        if any(chosen(pin, [wanted], asked.names) for pin in found.pins):
            return True
    return False
