"""`towline lint`: every mistake in the pipeline files, and what their stages hold."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from github_app.console.checkout import Checkout, plural
from github_app.surroundings import Surroundings
from plugin import promotion
from plugin.lint import lint
from plugin.pipeline import InDirectory, Project, Stage, Warehouse
from plugin.pipeline_file import InvalidProject


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
    parser.add_argument("--json", action="store_true", help="print a list of findings")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, around: Surroundings) -> int:
    """Print every finding; 1 if one is an error."""
    del around
    try:
        checkout = Checkout.read(options.path)
        findings = [one for project in checkout.projects for one in found(checkout, project)]
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


def found(checkout: Checkout, project: Project) -> Iterator[Finding]:
    """What is worth saying of a project that can be read."""
    for warning in lint(project):
        yield Finding("warning", project.file, str(warning))
    for stage in project.stages:
        yield from _stage(checkout, project, stage)


def _stage(checkout: Checkout, project: Project, stage: Stage) -> Iterator[Finding]:
    if not isinstance(stage.place, InDirectory):
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
        yield from _line(path, project.warehouse(line.warehouse), files)


def _line(path: str, warehouse: Warehouse, files: Mapping[str, str]) -> Iterator[Finding]:
    match promotion.holding(path, warehouse, files):
        case promotion.Unreadable(reasons):
            yield from (Finding("error", path, reason) for reason in reasons)
        case promotion.Unmanaged(_, _, details):
            for detail in details:
                yield Finding("warning", path, f"unmanaged change: {detail}")
        case promotion.Empty():
            names = ", ".join(str(one) for one in warehouse.repositories)
            yield Finding(
                "warning",
                path,
                f"no pin of {names} has a version yet: the first promotion needs an 'images' "
                "entry in the kustomization, or an image field, to write it to",
            )
        case _:
            pass
