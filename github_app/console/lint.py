"""`towline lint`: every mistake in the pipeline files, what their stages hold, and changed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from github_app.console.applications import mistaken, sources_in
from github_app.console.checkout import Checkout, listed, plural
from github_app.console.lint_gates import GateFaults
from github_app.console.lint_records import warnings_of_records
from github_app.console.lint_warehouses import home_of, warehouse_findings
from github_app.console.past import Past, past_of
from github_app.console.side import Side
from github_app.surroundings import Surroundings
from plugin import holding as holdings
from plugin.artifact import GitRepository
from plugin.disks.change_faults import change_faults
from plugin.disks.fault_values import Fault
from plugin.disks.faults import faults
from plugin.lint import lint
from plugin.pins.machine_places import K3S, KUBERNETES, RKE2, TALOS
from plugin.pins.machine_versions import disagreements
from plugin.pins.sources import Sources
from plugin.pins.unknown_markers import unknown_markers
from plugin.pipeline import InDirectory, Project, Stage, Warehouse
from plugin.pipeline_file import InvalidProject
from plugin.promotion import without_pin
from plugin.stage_files import pins_that_count, sources_of
from plugin.stage_policy import Write


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer; an error makes the command fail."""

    level: str
    where: str
    text: str


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("lint", help="check pipeline files and the stages they name")
    parser.add_argument("path", nargs="?", default=".", type=Path, help="default: .")
    parser.add_argument(
        "--since",
        metavar="REV",
        help=(
            "judge what was changed since this commit (default: since the branch left the "
            "remote's default branch, else since the last commit)"
        ),
    )
    parser.add_argument("--json", action="store_true", help="print a list of findings")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print every finding; 1 if one is an error."""
    try:
        checkout = Checkout.read(options.path)
        findings = _checked(checkout, options.since, around)
    except InvalidProject as invalid:
        findings = [
            Finding("error", f"{one.file}:{one.line}:{one.column}", f"{one.what}; {one.instead}")
            for one in invalid.mistakes
        ]
        checkout = None
    if options.json:
        print(json.dumps([{"level": f.level, "where": f.where, "text": f.text} for f in findings]))
    else:
        _print(checkout, findings)
    return 1 if any(one.level == "error" for one in findings) else 0


def _checked(checkout: Checkout, since: str | None, around: Surroundings) -> list[Finding]:
    """Every finding once, although stages may share files; says what was compared with what."""
    past = past_of(checkout.root, since, around)
    if past is None:
        note = "there is no commit to compare with, so changes are not judged"
    else:
        note = f"changes since {past.said} are judged"
    print(f"note: {note}", file=sys.stderr)
    try:
        home = home_of(checkout.root, around)
        every = [
            one for project in checkout.projects for one in found(checkout, project, past, home)
        ]
        gates = _gates(checkout, GateFaults(checkout.root, home, around.clock()))
        return list(dict.fromkeys((*every, *gates, *_rendering(checkout))))
    finally:
        if past is not None:
            past.mirror.rest()


def _gates(checkout: Checkout, faults: GateFaults) -> Iterator[Finding]:
    """Gates that never open, and gates that are none."""
    for project in checkout.projects:
        for stage in project.stages:
            for text in faults.of(stage):
                yield Finding("warning", project.file, f"{stage.name}: {text}")


def _rendering(checkout: Checkout) -> Iterator[Finding]:
    """What is wrong with who renders the stages."""
    sources = sources_in(checkout.root)
    for project in checkout.projects:
        yield from (Finding(*one) for one in mistaken(project, sources))


def _print(checkout: Checkout | None, findings: list[Finding]) -> None:
    for one in findings:
        print(f"{one.where}: {one.level}: {one.text}")
    if checkout is None:
        print(f"{plural(len(findings), 'mistake')}; nothing of these projects is promoted")
        return
    for project in checkout.projects:
        print(
            f"{project.file}: project {project.name}: "
            f"{plural(len(project.warehouses), 'warehouse')}, "
            f"{plural(len(project.stages), 'stage')}"
        )
    errors = sum(one.level == "error" for one in findings)
    print("no errors" if not errors else plural(errors, "error"))


def found(
    checkout: Checkout, project: Project, past: Past | None, home: GitRepository | None = None
) -> Iterator[Finding]:
    """What is worth saying of a project that can be read; `home` is where the checkout is from."""
    for warning in lint(project, home):
        yield Finding("warning", project.file, str(warning))
    yield from (Finding(*one) for one in warehouse_findings(project))
    for stage in project.stages:
        yield from _stage(checkout, project, stage, past)


def _stage(
    checkout: Checkout, project: Project, stage: Stage, past: Past | None
) -> Iterator[Finding]:
    if not isinstance(stage.place, InDirectory) or stage.repo is not None:
        return
    path = stage.place.path
    if not (checkout.root / path).is_dir():
        yield Finding(
            "error",
            project.file,
            f"'{path}' of stage {stage.name} does not exist; create it, or mend 'path'",
        )
        return
    files = checkout.files(stage)
    for line in stage.lines:
        yield from _line(stage, path, project.warehouse(line.warehouse), files)
    for place, text in warnings_of_records(project, stage, path, files):
        yield Finding("warning", place, text)
    sources = sources_of(path, files)
    whole = _with_bases(sources, checkout.bases(stage, files))
    if stage.write is Write.RECORD:
        yield from _inapplicable(project, stage, path, whole)
    yield from _disks(Side(whole, path, files), _before(path, past) if past else None)
    yield from _machines(sources)
    yield from _markers(checkout, path, sources)


def _inapplicable(project: Project, stage: Stage, path: str, whole: Sources) -> Iterator[Finding]:
    """What the sidecar would refuse: an artifact that nothing in the stage carries."""
    for line in stage.lines:
        for one in project.warehouse(line.warehouse).carries:
            if not any(whole.mentioning((one,))):
                text = (
                    f"nothing here that stage {stage.name} is built with names {one}, and a record "
                    "that nothing carries is refused; name it in a manifest"
                )
                yield Finding("warning", path, text)


def _before(path: str, past: Past) -> Side:
    files = past.files(path)
    return Side(_with_bases(sources_of(path, files), past.bases(path, files)), path, files)


def _with_bases(sources: Sources, bases: Mapping[str, str]) -> Sources:
    """A stage's files with those elsewhere that it is built with: a disk may be in either."""
    return Sources({**sources.texts, **bases}) if bases else sources


def _disks(after: Side, before: Side | None) -> Iterator[Finding]:
    of_change: Iterable[Fault] = ()
    if before is not None:
        of_change = change_faults(before.applied(previous=True), after.applied(previous=True))
    for one in (*faults(after.applied(previous=False)), *of_change):
        yield Finding(one.level, f"{one.file}:{one.line}", one.text)


def _machines(sources: Sources) -> Iterator[Finding]:
    files = sources.mentioning((TALOS, KUBERNETES, K3S, RKE2))
    pins = (pin for file in files for pin in sources.found(file).pins)
    for pin, first in disagreements(pins):
        text = (
            f"{pin.subject} is {pin.tag} here and {first.tag} in {first.file}:{first.line}; "
            "all its places move together, so make them agree"
        )
        yield Finding("warning", f"{pin.file}:{pin.line}", text)


def _markers(checkout: Checkout, path: str, sources: Sources) -> Iterator[Finding]:
    """Several stages may share a directory, so a marker may be for any of their warehouses."""
    names = {
        name
        for project in checkout.projects
        for stage in project.stages
        if isinstance(stage.place, InDirectory)
        and stage.repo is None
        and _share(stage.place.path, path)
        for line in stage.lines
        for name in project.warehouse(line.warehouse).subjects
    }
    known = listed(sorted(one for one in names if "/" not in one))
    for one in unknown_markers(sources, names):
        text = f"{one.reason} (subscriptions here: {known})"
        yield Finding("warning", f"{one.file}:{one.line}", text)


def _share(one: str, other: str) -> bool:
    paths = [f"{path.strip('/')}/".lstrip("/") for path in (one, other)]
    return paths[0].startswith(paths[1]) or paths[1].startswith(paths[0])


def _line(
    stage: Stage, path: str, warehouse: Warehouse, files: Mapping[str, str]
) -> Iterator[Finding]:
    match holdings.holding(path, warehouse, files, stage.pins, stage.write):
        case holdings.Unreadable(reasons):
            yield from (Finding("error", path, reason) for reason in reasons)
        case holdings.Unmanaged(_, _, details):
            for detail in details:
                yield Finding("warning", path, f"unmanaged change: {detail}")
        case holdings.Empty() | holdings.Adopted() if stage.write is Write.PINS:
            sources = sources_of(path, files, warehouse.subjects, stage.pins)
            pins, _ = pins_that_count(path, warehouse.carries, sources)
            for reason in without_pin(path, warehouse.carries, pins):
                yield Finding("warning", path, reason)
        case _:
            pass
