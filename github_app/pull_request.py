"""A promotion as people read it on GitHub: branch, title and body. Pure.

Nothing written here is ever read back: the head branch, its commit's files and GitHub's own facts
are the truth, so a title or body edited by hand changes nothing but what people see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template

from github_app import gates
from github_app.artifact_words import count_of, counted, heading, name_of
from github_app.body.subject import Subject
from github_app.gates import GateState, shortened
from github_app.markdown import code, mermaid, plain, unlinked, visible
from github_app.replaced_disks import machines_to_restart, table_of_disks, table_of_restarts
from plugin.artifact import Artifact
from plugin.artifact.git import is_commit
from plugin.held import held_of
from plugin.pipeline import After, Line, PullRequestForm, Stage
from plugin.stage_policy import Draft, Write

LABEL = "towline"
# GitHub takes 65,536 characters; what is left is for those it counts differently.
MOST_BODY = 60_000
MOST_STAGES = 20
_MOST_TITLE = 250
_MOST_ROWS = 30
_MOST_WARNINGS = 20
_MOST_WARNING = 500
_COMMIT_SHOWN = 12
_DIGEST_SHOWN = len("sha256:") + 12


@dataclass(frozen=True, slots=True)
class Text:
    """What a promotion pull request says."""

    title: str
    body: str
    labels: tuple[str, ...]
    draft: bool


def message_of(subject: Subject) -> str:
    """The commit's first line."""
    return _default_title(subject)


def text_of(subject: Subject) -> Text:
    """Title, body, labels and draft state of the pull request."""
    form = subject.stage.pull_request
    needed = [
        _stop(subject) or _risk(subject),
        _warnings(subject.warnings),
        _artifacts(subject),
        table_of_disks(subject.disks),
        table_of_restarts(subject.restarts),
        f"**Why now:** {plain(subject.why)}.",
        "### Gates\n\n" + gates.table(subject.gates),
    ]
    welcome = ["### Pipeline\n\n" + _picture(subject), _pins(subject)]
    body = _body(needed, welcome, _footer(subject))
    return Text(_title(subject, form), body, (LABEL, *form.labels), form.draft is Draft.YES)


def _body(needed: Sequence[str], welcome: Sequence[str], footer: str) -> str:
    """All parts, or without the last welcome ones where that would be too long for GitHub."""
    for count in range(len(welcome), -1, -1):
        parts = [*needed, *welcome[:count], footer]
        body = "\n\n".join(part for part in parts if part) + "\n"
        if len(body) <= MOST_BODY:
            break
    return body


def _default_title(subject: Subject) -> str:
    what = f"{subject.project.name}/{subject.line.warehouse} {subject.freight.tags()}"
    return shortened(unlinked(f"Promote {what} to {subject.stage.name}"), _MOST_TITLE)


def _title(subject: Subject, form: PullRequestForm) -> str:
    """GitHub cuts spaces at the ends, and refuses a title of nothing else."""
    words = {
        "project": subject.project.name,
        "stage": subject.stage.name,
        "warehouse": subject.line.warehouse,
        "freight": subject.freight.alias,
        "id": subject.freight.short,
        "version": unlinked(subject.freight.tags()),
    }
    title = visible(Template(form.title or "").safe_substitute(words)).strip()
    return shortened(title, _MOST_TITLE) or _default_title(subject)


def _stop(subject: Subject) -> str:
    """What must be mended first, if anything; then nothing below it invites to merge."""
    failed = [one for one in subject.gates if one.state is GateState.FAILED]
    if not failed:
        return ""
    reasons = "; ".join(f"{one.name}: {one.text}".rstrip(". ") for one in failed)
    return (
        f"**Do not merge: {plain(shortened(reasons, _MOST_WARNING))}.** This proposes freight "
        f"{code(subject.freight.alias)} for **{subject.stage.name}**."
    )


def _risk(subject: Subject) -> str:
    changed = [one for one in subject.freight.artifacts if not _holds(subject, one)]
    files = len({bump.pin.file for bump in subject.bumps})
    pins = f"{count_of(len(subject.bumps), 'pin')} in {count_of(files, 'file')}"
    unpinned = "the record alone" if subject.stage.write is Write.RECORD else "no pin"
    disks = f"{count_of(len(subject.disks), 'disk')} replaced" if subject.disks else "no disk"
    # Pods restart as well, and nothing here says how many: a workload may be anybody's.
    count = machines_to_restart(subject.disks, subject.restarts)
    restarts = [count_of(count, "machine restart")] if count else []
    what = [*counted(changed), pins if subject.bumps else unpinned, *restarts, disks]
    return (
        f"**{', '.join(what)}.** Merging this promotes freight "
        f"{code(subject.freight.alias)} to **{subject.stage.name}**."
    )


def _holds(subject: Subject, artifact: Artifact) -> bool:
    return subject.before.get(artifact.subject) == held_of(artifact)


def _artifacts(subject: Subject) -> str:
    rows = [f"| {heading(subject.freight.artifacts)} | from | to |", "|---|---|---|"]
    for artifact in subject.freight.artifacts[:_MOST_ROWS]:
        held = subject.before.get(artifact.subject)
        old = _version(held.tag, held.digest) if held else "nothing"
        new = "unchanged" if _holds(subject, artifact) else _version(artifact.tag, artifact.digest)
        rows.append(f"| {code(name_of(artifact.subject))} | {old} | {new} |")
    return "\n".join(rows + _more(len(subject.freight.artifacts)))


def _version(tag: str | None, digest: str | None) -> str:
    """Both parts, the digest as short as people compare it; a pin may lack either."""
    shown = tag[:_COMMIT_SHOWN] if tag and is_commit(tag) else tag
    parts = [code(part) for part in (shown, digest and digest[:_DIGEST_SHOWN]) if part]
    return " ".join(parts) or "no version"


def _more(count: int) -> list[str]:
    return [f"| and {count - _MOST_ROWS} more | | |"] if count > _MOST_ROWS else []


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    lines = [f"> * {plain(shortened(one, _MOST_WARNING))}" for one in warnings[:_MOST_WARNINGS]]
    if len(warnings) > _MOST_WARNINGS:
        lines.append(f"> * and {len(warnings) - _MOST_WARNINGS} more")
    return "> [!WARNING]\n" + "\n".join(lines)


def _picture(subject: Subject) -> str:
    """The line's stages from the warehouse on, each with what it holds, this one marked."""
    warehouse = subject.line.warehouse
    lines = ["```mermaid", "flowchart LR", f'  w(["{mermaid(warehouse)}"])']
    numbers = {stage.name: f"s{number}" for number, stage in enumerate(subject.stages)}
    for stage in subject.stages:
        lines.append(f"  {numbers[stage.name]}{_node(subject, stage)}")
        line = stage.line(warehouse)
        befores = _before(line, numbers) if line else []
        lines += [f"  {before} --> {numbers[stage.name]}" for before in befores]
    lines += [
        f"  class {numbers[subject.stage.name]} promoted",
        "  classDef promoted stroke-width:4px",
        "```",
    ]
    return "\n".join(lines)


def _before(line: Line, numbers: Mapping[str, str]) -> list[str]:
    match line.source:
        case After(upstreams):
            return [numbers[one.stage] for one in upstreams if one.stage in numbers]
        case _:
            return ["w"]


def _node(subject: Subject, stage: Stage) -> str:
    words = [mermaid(stage.name)]
    if stage.place is None:
        return f'{{{{"{words[0]}"}}}}'
    if stage.name in subject.held:
        words.append(mermaid(subject.held[stage.name]))
    if stage.name == subject.stage.name:
        words.append(f"→ {mermaid(f'{subject.freight.tags()} {subject.freight.alias}')}")
    return f'["{"<br/>".join(words)}"]'


def _pins(subject: Subject) -> str:
    rows = [
        f"| {code(f'{one.pin.file}:{one.pin.line}')} | "
        f"{_version(one.pin.tag, one.pin.digest)} | "
        f"{_version(one.artifact.tag, one.artifact.digest)} |"
        for one in subject.bumps[:_MOST_ROWS]
    ]
    body = "\n".join(["| pin | from | to |", "|---|---|---|", *rows, *_more(len(subject.bumps))])
    if subject.stage.write is Write.RECORD:
        body = "None is written: the sidecar applies the record when it renders the stage."
    elif not rows:
        return ""
    return f"<details><summary>Pins</summary>\n\n{body}\n\n</details>"


def _footer(subject: Subject) -> str:
    return (
        f"Freight {code(subject.freight.alias)} ({code(subject.freight.id)}) of warehouse "
        f"{code(subject.line.warehouse)}. Newer freight updates this pull request; close it to "
        f"reject this one for {subject.stage.name} until newer freight comes."
    )
