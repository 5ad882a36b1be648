"""A promotion as people read it on GitHub: branch, title and body. Pure.

Nothing written here is ever read back: the head branch, its commit's files and GitHub's own facts
are the truth, so a title or body edited by hand changes nothing but what people see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from string import Template

from github_app import gates
from github_app.body import artifacts, commands, flow, pins, risk, stage_links
from github_app.body.fitting import Limits, Part, fitted
from github_app.body.subject import Subject, words_of
from github_app.markdown import code, plain, shortened, unlinked, visible
from github_app.replaced_disks import table_of_disks, table_of_restarts
from plugin.freight import Freight
from plugin.pipeline import PullRequestForm
from plugin.stage_policy import Draft

LABEL = "towline"
# GitHub takes 65,536 characters, and has been seen to fail well below.
MOST_BODY = 30_000
MOST_STAGES = 20
_MOST_TITLE = 250
_MOST_SUPERSEDED = 10
_MOST_TAGS = 60
_MOST_NAMED = 3
_MOST_FREIGHT = 25


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
    body = fitted(partial(_parts, subject), MOST_BODY - len(_footer(subject)))
    body = f"{body}\n{_footer(subject)}\n"
    return Text(_title(subject, form), body, (LABEL, *form.labels), form.draft is Draft.YES)


def _parts(subject: Subject, limits: Limits) -> Sequence[Part]:
    """The body from its first line on; what has a name may be left out."""
    shown = [replace(one, text=shortened(one.text, limits.words * 4)) for one in subject.gates]
    return (
        Part(risk.stop(subject, limits.words) or risk.risk(subject)),
        Part(_steps(subject)),
        Part(_warnings(_every_warning(subject), limits)),
        Part(artifacts.table(subject, limits.rows)),
        Part(table_of_disks(subject.disks, limits.rows)),
        Part(table_of_restarts(subject.restarts, limits.rows)),
        Part(_causes(subject, limits)),
        Part("\n\n".join(filter(None, map(_superseded, subject.lines[: limits.rows])))),
        Part("### Gates\n\n" + gates.table(shown)),
        Part(stage_links.links(subject)),
        Part(_changes(artifacts.commits(subject, limits.commits)), "the commits"),
        Part("### Pipeline\n\n" + flow.flows(subject), "the pipeline"),
        Part(commands.commands(subject), "the commands"),
        Part(pins.pins(subject, limits.rows), "the pins"),
    )


def _steps(subject: Subject) -> str:
    """Which part of the freight this is, and what comes after it."""
    steps = subject.steps
    if steps is None:
        return ""
    stage = plain(subject.stage.name)
    follows = ", then ".join(map(plain, steps.following))
    proved = f"each once {stage} has verified the step before"
    after = f"Next: {follows}, {proved}" if follows else f"It completes the freight in {stage}"
    return f"**S{plain(str(steps))[1:]}** of {_named(steps.whole)}. {after}."


def _every_warning(subject: Subject) -> Sequence[str]:
    return tuple(dict.fromkeys(one for line in subject.lines for one in line.warnings))


def _causes(subject: Subject, limits: Limits) -> str:
    """Why each freight comes now; of a group one line for each."""
    if not subject.others:
        return f"**Why now:** {_why(subject, limits.words * 4)}."
    shown = subject.lines[: limits.rows]
    lines = [f"* {code(one.line.warehouse)}: {_why(one, limits.words)}." for one in shown]
    left = len(subject.lines) - len(shown)
    return "\n".join(["**Why now:**", "", *lines, *([f"* and {left} more"] if left else [])])


def _why(subject: Subject, most: int) -> str:
    return "; ".join(map(plain, shortened(subject.why, most).split("; ")))


def _changes(commits: str) -> str:
    return f"### Changes\n\n{commits}" if commits else ""


def _superseded(subject: Subject) -> str:
    """Earlier freight that this one overtook on its way here."""
    if not subject.superseded:
        return ""
    named = [_named(one) for one in subject.superseded[:_MOST_SUPERSEDED]]
    left = len(subject.superseded) - len(named)
    named += [f"{left} more"] if left else []
    return f"**Takes the place of** {', '.join(named)}: never merged into {subject.stage.name}."


def _named(freight: Freight) -> str:
    return f"{code(shortened(freight.tags(), _MOST_TAGS))} {freight.alias}"


def _default_title(subject: Subject) -> str:
    parts = [f"{one.line.warehouse} {one.whole.tags()}" for one in subject.lines[:_MOST_NAMED]]
    left = len(subject.lines) - len(parts)
    what = ", ".join([*parts, *([f"{left} more"] if left else [])])
    step = f", {subject.steps}" if subject.steps else ""
    title = f"Promote {subject.project.name}/{what} to {subject.stage.name}"
    return shortened(unlinked(title), _MOST_TITLE - len(step)) + step


def _title(subject: Subject, form: PullRequestForm) -> str:
    """GitHub cuts spaces at the ends, and refuses a title of nothing else."""
    words = {**words_of(subject), "version": unlinked(subject.whole.tags())}
    title = visible(Template(form.title or "").safe_substitute(words)).strip()
    step = f", {subject.steps}" if subject.steps else ""
    return shortened(title, _MOST_TITLE - len(step)) + step if title else _default_title(subject)


def _warnings(warnings: Sequence[str], limits: Limits) -> str:
    if not warnings:
        return ""
    lines = [f"> * {one}" for one in _shown(warnings, limits)]
    if len(warnings) > limits.warnings:
        lines.append(f"> * and {len(warnings) - limits.warnings} more")
    return "> [!WARNING]\n" + "\n".join(lines)


def _shown(warnings: Sequence[str], limits: Limits) -> Iterator[str]:
    return (plain(shortened(one, limits.words)) for one in warnings[: limits.warnings])


def _footer(subject: Subject) -> str:
    every = [
        f"Freight {code(one.whole.alias)} ({code(one.whole.id)}) of warehouse "
        f"{code(one.line.warehouse)}"
        for one in subject.lines[:_MOST_FREIGHT]
    ]
    this = "this one" if len(every) == 1 else "all of it"
    if any(one.asked for one in subject.lines):
        newer = "It was asked for, so newer freight does not take its place"
    else:
        newer = "Newer freight updates this pull request"
    return (
        f"{', '.join(every)}. {newer}; close it to reject {this} for "
        f"{subject.stage.name} until newer freight comes."
    )
