"""A promotion as people read it on GitHub: branch, title and body. Pure.

Nothing written here is ever read back: the head branch, its commit's files and GitHub's own facts
are the truth, so a title or body edited by hand changes nothing but what people see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template

from github_app import gates
from github_app.gates import Gate
from github_app.markdown import code, mermaid, visible
from plugin.artifact import Image
from plugin.freight import Freight
from plugin.pipeline import After, Line, Project, PullRequestForm, Stage
from plugin.promotion import Change

PREFIX = "towline/"
MOST_BODY = 30_000
LABEL = "towline"
_DIGEST_SHOWN = len("sha256:") + 12
_BUMPS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Text:
    """What a promotion pull request says."""

    title: str
    body: str
    labels: tuple[str, ...]
    draft: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What a promotion pull request is about; `held` says what each stage of the line holds."""

    project: Project
    stage: Stage
    line: Line
    freight: Freight
    before: Freight | None
    bumps: tuple[Change, ...]
    gates: tuple[Gate, ...]
    warnings: tuple[str, ...]
    held: Mapping[str, str]


def head_of(project: str, stage: str, warehouse: str) -> str:
    """The one head branch of a line; names only, which the pipeline file has checked."""
    return f"{PREFIX}{project}/{stage}/{warehouse}"


def message_of(subject: Subject) -> str:
    """The commit's first line."""
    return _default_title(subject)


def text_of(subject: Subject) -> Text:
    """Title, body, labels and draft state of the pull request."""
    form = subject.stage.pull_request
    parts = [
        _risk(subject),
        _artifacts(subject),
        _warnings(subject.warnings),
        "### Gates\n\n" + gates.table(subject.gates),
        "### Pipeline\n\n" + _picture(subject),
        _bumps(subject.bumps),
        _footer(subject),
    ]
    body = "\n\n".join(part for part in parts if part) + "\n"
    return Text(_title(subject, form), _shortened(body), (LABEL, *form.labels), form.draft)


def _default_title(subject: Subject) -> str:
    what = f"{subject.project.name}/{subject.line.warehouse} {subject.freight.tags()}"
    return visible(f"Promote {what} to {subject.stage.name}")[:250]


def _title(subject: Subject, form: PullRequestForm) -> str:
    if form.title is None:
        return _default_title(subject)
    words = {
        "project": subject.project.name,
        "stage": subject.stage.name,
        "warehouse": subject.line.warehouse,
        "freight": subject.freight.alias,
        "id": subject.freight.short,
        "version": subject.freight.tags(),
    }
    return visible(Template(form.title).safe_substitute(words))[:250]


def _risk(subject: Subject) -> str:
    changed = _changed(subject)
    images = "1 image" if len(changed) == 1 else f"{len(changed)} images"
    pins = "1 pin" if len(subject.bumps) == 1 else f"{len(subject.bumps)} pins"
    files = len({bump.pin.file for bump in subject.bumps})
    where = "1 file" if files == 1 else f"{files} files"
    return (
        f"**{images}, {pins} in {where}, no disk.** Merging promotes freight "
        f"{code(subject.freight.alias)} to **{subject.stage.name}**."
    )


def _changed(subject: Subject) -> list[Image]:
    if subject.before is None:
        return list(subject.freight.artifacts)
    return [
        one
        for one in subject.freight.artifacts
        if subject.before.artifact(one.repository) != one
    ]


def _artifacts(subject: Subject) -> str:
    rows = ["| artifact | from | to |", "|---|---|---|"]
    for artifact in subject.freight.artifacts:
        before = subject.before.artifact(artifact.repository) if subject.before else None
        old = _version(before) if before else "—"
        new = _version(artifact) if before != artifact else "unchanged"
        rows.append(f"| {code(str(artifact.repository))} | {old} | {new} |")
    return "\n".join(rows)


def _version(image: Image) -> str:
    return f"{code(image.tag)} {code(image.digest[:_DIGEST_SHOWN])}"


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    lines = "\n".join(f"> * {visible(one)}" for one in warnings)
    return f"> [!WARNING]\n{lines}"


def _picture(subject: Subject) -> str:
    """The line's stages from the warehouse on, each with what it holds, this one marked."""
    warehouse = subject.line.warehouse
    lines = ["```mermaid", "flowchart LR", f'  w(["{mermaid(warehouse)}"])']
    numbers = {}
    for stage in subject.project.stages:
        line = stage.line(warehouse)
        if line is None:
            continue
        number = numbers[stage.name] = f"s{len(numbers)}"
        held = subject.held.get(stage.name, "")
        label = mermaid(stage.name) + (f"<br/>{mermaid(held)}" if held else "")
        lines.append(f'  {number}["{label}"]')
        match line.source:
            case After(upstreams):
                lines += [f"  {numbers[one.stage]} --> {number}" for one in upstreams]
            case _:
                lines.append(f"  w --> {number}")
    lines += [
        f"  class {numbers[subject.stage.name]} promoted",
        "  classDef promoted stroke-width:4px",
        "```",
    ]
    return "\n".join(lines)


def _bumps(bumps: Sequence[Change]) -> str:
    rows = [
        f"| {code(f'{one.pin.file}:{one.pin.line}')} | {code(one.pin.version)} "
        f"| {code(f'{one.artifact.tag}@{one.artifact.digest[:_DIGEST_SHOWN]}')} |"
        for one in bumps[:_BUMPS_SHOWN]
    ]
    if len(bumps) > _BUMPS_SHOWN:
        rows.append(f"| and {len(bumps) - _BUMPS_SHOWN} more | | |")
    head = "| pin | from | to |\n|---|---|---|\n"
    return f"<details><summary>Pins</summary>\n\n{head}" + "\n".join(rows) + "\n\n</details>"


def _footer(subject: Subject) -> str:
    return (
        f"Freight {code(subject.freight.alias)} ({code(subject.freight.id)}) of warehouse "
        f"{code(subject.line.warehouse)}. Close this pull request to reject it for "
        f"{subject.stage.name} until newer freight comes; newer freight updates it."
    )


def _shortened(body: str) -> str:
    if len(body) <= MOST_BODY:
        return body
    cut = "\n\n… shortened: the whole change is in the files of this pull request.\n"
    return body[: MOST_BODY - len(cut)].rpartition("\n")[0] + cut
