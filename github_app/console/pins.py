"""`towline pins`: every pin below some paths, and what only looks like one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from github_app.console.checkout import plural
from github_app.console.files import Place, content_of, walk
from github_app.surroundings import Surroundings
from github_app.terminal import escaped
from plugin.pins.chart_lock import LOCKS
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Found, Pin
from plugin.pins.tree import decode


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "pins",
        help="list every place where a version is written, and what only looks like one",
        description=(
            "List every pin: file, line, column, kind, repository and version. Look-alikes that "
            "were not taken follow with their reasons, those of one reason in one file together."
        ),
        epilog=(
            "Exit status: 1 if a PATH cannot be read. What cannot be read below a PATH is said "
            "and passed over."
        ),
    )
    parser.add_argument(
        "paths", nargs="*", default=["."], metavar="PATH", help="files or directories (default: .)"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="say how many look-alikes there are, not which"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a list of pins; look-alikes go to stderr"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print every pin; 1 if a path that was named cannot be read."""
    del around
    walked = walk(options.paths)
    # Locks only follow the pins of their charts.
    places = [one for one in walked.places if one.path.name not in LOCKS.values()]
    passed = _Passed(list(walked.refused), [])
    pins, files = _print(_found(places, passed), as_json=options.json)
    reasons = sys.stderr if options.json else sys.stdout
    for line in _said(passed, quiet=options.quiet):
        print(line, file=reasons)
    total = f"{plural(pins, 'pin')} in {files} of {plural(len(places), 'file')}"
    alike = f"{plural(len(passed.alike), 'look-alike')} not taken"
    unread = f", {len(passed.unread)} not looked at" if passed.unread else ""
    print(f"{total}, {alike}{unread}", file=reasons)
    return 1 if any(one.file in walked.asked for one in _of_the_whole(passed)) else 0


@dataclass(frozen=True, slots=True)
class _Passed:
    """What was passed over so far: what nobody looked into, and what was no pin."""

    unread: list[Refused]
    alike: list[Refused]


def _found(places: Iterable[Place], passed: _Passed) -> Iterator[Sequence[Pin]]:
    """The pins file by file, so that no more than one is held; what is refused is collected."""
    for place in places:
        content = content_of(place)
        if isinstance(content, Refused):
            passed.unread.append(content)
            continue
        found = _found_in(place.name, content)
        passed.alike.extend(found.refused)
        if found.pins:
            yield found.pins


def _found_in(name: str, content: bytes) -> Found:
    text = decode(name, content)
    return Found(refused=(text,)) if isinstance(text, Refused) else pins_in(name, text)


def _said(passed: _Passed, *, quiet: bool) -> Iterator[str]:
    if not quiet:
        yield from grouped(sorted(passed.alike, key=lambda one: (one.file, one.line, one.column)))
    yield from map(not_looked_at, sorted(passed.unread, key=lambda one: one.file))


def not_looked_at(unread: Refused) -> str:
    """A line for something that could not be read."""
    return f"{escaped(unread.file)}: not looked at: {escaped(unread.reason)}"


def _of_the_whole(passed: _Passed) -> list[Refused]:
    return [*passed.unread, *(one for one in passed.alike if not one.text)]


def _print(found: Iterable[Sequence[Pin]], *, as_json: bool) -> tuple[int, int]:
    """How many pins were printed, and of how many files."""
    pins = files = 0
    for ones in found:
        if as_json:
            print(",\n" if files else "[\n", ",\n".join(map(_json, ones)), sep="", end="")
        else:
            print("\n".join(_aligned(ones)))
        pins, files = pins + len(ones), files + 1
    if as_json:
        print("\n]" if files else "[]")
    return pins, files


def _json(pin: Pin) -> str:
    return json.dumps(as_json(pin))


def as_json(pin: Pin) -> dict[str, Any]:
    """A pin for programs: places count from 1, `value` is what the file says, quotes included."""
    return {
        "file": pin.file,
        "line": pin.line,
        "column": pin.column,
        "kind": pin.kind.value,
        "repository": str(pin.subject),
        "tag": pin.tag,
        "digest": pin.digest,
        "value": pin.value,
    }


def _aligned(pins: Sequence[Pin]) -> Iterator[str]:
    """A line for each pin of a file, in columns."""
    rows = [
        (
            f"{escaped(one.file)}:{one.line}:{one.column}:",
            one.kind.value,
            escaped(str(one.subject)),
            version(one.tag, one.digest),
        )
        for one in pins
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield " ".join([*cells, row[3]])


def version(tag: str | None, digest: str | None) -> str:
    """Tag and digest for people, digests cut to twelve digits as pull requests show them."""
    kind, _, digits = (digest or "").partition(":")
    short = f"{kind}:{digits[:12]}" if digits else None
    return "@".join(part for part in (tag and escaped(tag), short) if part) or "no version"


def grouped(refused: Iterable[Refused]) -> Iterator[str]:
    """A line for each reason in each file, with the first place and how many more there are."""
    for (file, reason), ones in groupby(refused, key=lambda one: (one.file, one.reason)):
        first, *more = ones
        lines = ", ".join(str(one.line) for one in more[:5]) + (", ..." if more[5:] else "")
        also = f" (also in {'line' if len(more) == 1 else 'lines'} {lines})" if more else ""
        yield f"{escaped(file)}:{first.line}:{first.column}: not taken: {escaped(reason)}{also}"
