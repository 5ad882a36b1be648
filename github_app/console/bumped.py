"""What `towline bump` says of what it did, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from github_app.console.asked import Asked
from github_app.console.checkout import plural
from github_app.console.pins import not_looked_at, version
from github_app.terminal import escaped
from plugin.artifact import Repository, Wanted
from plugin.bumping import Bumps
from plugin.disks.move import Replaced
from plugin.pins.chart_lock import LOCKS
from plugin.pins.edit import chosen
from plugin.pins.markers import named_in
from plugin.pins.naming import Names
from plugin.pins.nodes import Refused
from plugin.pins.pin import Change, Kind, Named, Pin
from plugin.pins.sources import Sources


@dataclass(frozen=True, slots=True)
class Left:
    """A marker in a changed file that follows nothing that was asked for, and how to ask."""

    pin: Pin
    advice: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, what was not and why; `names` are the words that were asked with."""

    done: Bumps
    unread: tuple[Refused, ...]
    missing: tuple[Wanted, ...]
    left: tuple[Left, ...]
    names: Names


def left_markers(sources: Sources, asked: Asked, done: Bumps) -> Iterator[Left]:
    """The markers in changed files whose names nobody asked for: their values may be old now."""
    for file in sorted({change.pin.file for change in done.changes}):
        for pin in sources.found(file).pins:
            unasked = chosen(pin, asked.wanted, asked.names) is None
            if isinstance(pin.subject, Named) and unasked and not _there(pin, done):
                asking = f"--set {pin.subject}={_likely(pin, done)}"
                yield Left(pin, f"marker '{pin.subject}' is not asked for; add {asking}")


def _there(pin: Pin, done: Bumps) -> bool:
    """Whether a marker's value is what something was bumped to, so that nothing is left to do."""
    return any(
        pin.tag in (None, change.artifact.tag) and pin.digest in (None, change.artifact.digest)
        for change in done.changes
        if pin.tag or pin.digest
    )


def _likely(pin: Pin, done: Bumps) -> str:
    """The version that went where this marker's value stood, too, if there is just one."""
    now = {
        f"{change.artifact.tag}@{change.artifact.digest}" if pin.digest else change.artifact.tag
        for change in done.changes
        if isinstance(change.artifact.subject, Repository)
        and (pin.tag or pin.digest)
        and pin.tag in (None, change.pin.tag)
        and pin.digest in (None, change.pin.digest)
        and (change.artifact.digest or not pin.digest)
    }
    return now.pop() if len(now) == 1 else "VERSION"


def lines(outcome: Outcome, *, check: bool) -> Iterator[str]:
    """A line for each thing done, for each thing refused with its reason, and a summary."""
    done = outcome.done
    for change in done.changes:
        pin = change.pin
        now = version(change.artifact.tag, change.artifact.digest)
        what = f"{_subject(pin, outcome.names)} {version(pin.tag, pin.digest)}"
        yield f"{escaped(pin.file)}:{pin.line}:{pin.column}: {what} -> {now}"
    for disk in done.disks:
        yield escaped(str(disk))
        yield from (f"  {escaped(note)}" for note in disk.remarks)
    yield from (f"{escaped(lock)}: follows {chart}" for lock, chart in _locks(done))
    for one in outcome.left:
        yield f"left: {escaped(one.pin.file)}:{one.pin.line}: {one.advice}"
    for refused in done.refused:
        place = f"{escaped(refused.file)}:{refused.line}:{refused.column}"
        yield f"{place}: refused: {escaped(refused.reason)}"
    for wanted in outcome.missing:
        yield f"refused: no pin of {wanted.subject} is here; 'towline pins' lists those there are"
    yield from map(not_looked_at, outcome.unread)
    yield _summary(done, len(done.refused) + len(outcome.missing), check=check)


def _subject(pin: Pin, names: Names) -> str:
    """A marker's own name; what it was asked for by would be read as an image of Docker Hub."""
    if pin.kind is Kind.MARKER:
        for name, subject in names.items():
            if subject == pin.subject and named_in(f"# towline: {name}:tag") == name:
                return name
    return str(pin.subject)


def _locks(done: Bumps) -> Iterator[tuple[str, str]]:
    """The locks that changed, and the names of the files that they follow."""
    charts = {lock: chart for chart, lock in LOCKS.items()}
    for file in done.files:
        if PurePath(file).name in charts:
            yield file, charts[PurePath(file).name]


def _summary(done: Bumps, refusals: int, *, check: bool) -> str:
    if not done.changes and not refusals:
        return "nothing to bump"
    what = f"{plural(len(done.changes), 'bump')} in {plural(len(done.files), 'file')}"
    refused = f", {refusals} refused" if refusals else ""
    unwritten = "; nothing was written (--check)" if check and done.changes else ""
    return f"{what}{refused}{unwritten}"


def as_json(outcome: Outcome) -> Mapping[str, Sequence[Any]]:
    """The same for programs, with digests in full."""
    done = outcome.done
    return {
        "changes": [_change(one, outcome.names) for one in done.changes],
        "disks": [_disk(one) for one in done.disks],
        "locks": [lock for lock, _ in _locks(done)],
        "left": [
            {"file": one.pin.file, "line": one.pin.line, "column": one.pin.column}
            | {"marker": str(one.pin.subject), "reason": one.advice}
            for one in outcome.left
        ],
        "refused": [
            *(_refused(one) for one in done.refused),
            *(
                {"file": None, "line": None, "column": None, "reason": f"no pin of {one.subject}"}
                for one in outcome.missing
            ),
        ],
        "unread": [_refused(one) for one in outcome.unread],
    }


def _change(change: Change, names: Names) -> Mapping[str, Any]:
    pin, wanted = change.pin, change.artifact
    return {
        "file": pin.file,
        "line": pin.line,
        "column": pin.column,
        "kind": pin.kind.value,
        "repository": _subject(pin, names),
        "from": {"tag": pin.tag, "digest": pin.digest},
        "to": {"tag": wanted.tag, "digest": wanted.digest},
    }


def _disk(one: Replaced) -> Mapping[str, Any]:
    return {
        "vm": one.vm or None,
        "namespace": one.namespace or None,
        "disk": one.disk,
        "from": one.old,
        "to": one.new,
        "text": str(one),
        "notes": list(one.remarks),
    }


def _refused(one: Refused) -> Mapping[str, Any]:
    return {"file": one.file, "line": one.line, "column": one.column, "reason": one.reason}
