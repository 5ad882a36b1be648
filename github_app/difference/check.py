"""The check run `towline/diff`: what a promotion does to the rendered manifests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from github_app.artifact_words import count_of
from github_app.difference.foreign_text import fenced, shown
from github_app.difference.values import (
    Changed,
    Counts,
    Rendered,
    Rendering,
    Unrendered,
    Why,
)
from github_app.gates import DIFF, Check, Conclusion, Gate, GateState
from github_app.markdown import code, shortened, visible

# GitHub takes 65,535 characters for each of summary and text, and may count bytes.
# https://docs.github.com/rest/checks/runs#create-a-check-run
MOST_BYTES = 60_000
_MOST_NAMES = 20_000
_MOST_NAME = 400
_MOST_WORDS = 4_000
_MOST_REASON = 200


def difference_check(rendering: Rendering) -> Check:
    """The check of a promotion's head, whatever came of rendering it."""
    match rendering:
        case Rendered():
            return _rendered(rendering)
        case Unrendered(why, words):
            return _unrendered(why, words)
        case _:
            assert_never(rendering)


def _unrendered(why: Why, words: str) -> Check:
    match why:
        case Why.FAILED:
            said = "The base can be rendered; with this promotion it fails:"
            title = "The merge result cannot be rendered"
            return _check(Conclusion.FAILURE, title, f"{said}\n\n{_quoted(words)}")
        case Why.BOTH:
            said = "There is nothing to compare, and this promotion is not the cause:"
            title = "Neither the base nor the merge result can be rendered"
            return _check(Conclusion.NEUTRAL, title, f"{said}\n\n{_quoted(words)}")
        case Why.UNABLE:
            return _check(Conclusion.NEUTRAL, "Not rendered", _quoted(words))
        case Why.LATER:
            return _check(Conclusion.WAITING, "Being rendered", "Other stages come first.")
        case _:
            assert_never(why)


NOTHING_TO_RENDER = Check(
    Conclusion.SUCCESS,
    "Not a promotion",
    "This pull request moves no freight, so Towline renders nothing for it.",
    name=DIFF,
)


SHOWN_ON_PULL_REQUESTS = Check(
    Conclusion.SUCCESS,
    "Shown on each pull request",
    "What a group of the merge queue changes is what its pull requests show.",
    name=DIFF,
)


def gate_of(rendering: Rendering) -> Gate | None:
    """What stands in the way of merging, where the merge result cannot be rendered."""
    match rendering:
        case Unrendered(Why.FAILED, words):
            first = shown(words).split("\n", 1)[0][:_MOST_REASON]
            return Gate("render", GateState.FAILED, f"the merge result cannot be rendered: {first}")
        case Unrendered(Why.LATER):
            return Gate("render", GateState.WAITING, "it is being rendered")
        case _:
            return None


def _check(conclusion: Conclusion, title: str, summary: str, text: str = "") -> Check:
    return Check(conclusion, title, summary, name=DIFF, text=text)


def _quoted(words: str) -> str:
    return fenced(shown(words)[:_MOST_WORDS])


def _rendered(rendered: Rendered) -> Check:
    told: list[Changed] = []
    hidden: list[Changed] = []
    blocks, left = [], MOST_BYTES
    for one in rendered.resources:
        block = _difference(one) if one.text else ""
        left -= len(block.encode()) + 2 if block else 0
        if block and left >= 0:
            blocks.append(block)
        (told if block and left >= 0 else hidden).append(one)
    summary = "\n\n".join(_summary(rendered, told, hidden))
    return _check(Conclusion.SUCCESS, _title(rendered.counts), summary, "\n\n".join(blocks))


def _total(counts: Counts) -> int:
    return counts.added + counts.changed + counts.removed


def _title(counts: Counts) -> str:
    if not _total(counts):
        return "Nothing changes in the manifests"
    every = ((counts.removed, "removed"), (counts.changed, "changed"), (counts.added, "added"))
    said = [f"{count:,} {what}" for count, what in every if count]
    if counts.restarts:
        said.append(count_of(counts.restarts, "restart"))
    return ", ".join(said)


def _summary(
    rendered: Rendered, told: Sequence[Changed], hidden: Sequence[Changed]
) -> Iterator[str]:
    if rendered.base_fails:
        yield "The base cannot be rendered, so everything counts as added:"
        yield _quoted(rendered.base_fails)
    same = count_of(rendered.unchanged, "resource")
    yield f"**{_title(rendered.counts)}**, {same} unchanged."
    if told:
        yield _list(told, len(told))
    more = _total(rendered.counts) - len(told) - len(hidden)
    if hidden or more:
        yield "Not shown below, because all of it would be too long:"
        yield _list(hidden, len(hidden) + more)
    yield _sums(rendered)


def _list(every: Iterable[Changed], count: int) -> str:
    """As many of `count` as there is room for, and how many others there are."""
    lines, left = [], _MOST_NAMES
    for one in every:
        line = f"* {_heading(one)}{_unseen(one)}"
        left -= len(line.encode())
        if left < 0:
            break
        lines.append(line)
    if count > len(lines):
        lines.append(f"* {count - len(lines):,} more")
    return "\n".join(lines)


def _heading(one: Changed) -> str:
    restarts = ", its pods restart" if one.restarts else ""
    return f"{one.became.value}{restarts}: {code(_shortened(one.name))}"


def _unseen(one: Changed) -> str:
    if one.text:
        return ""
    if one.unread:
        return ": cannot be read, and nobody knows what of it is secret"
    return f": {one.size:,} characters of difference"


def _shortened(name: str) -> str:
    return shortened(visible(name), _MOST_NAME)


def _difference(one: Changed) -> str:
    return f"#### {_heading(one)}\n\n{fenced(one.text, 'diff')}"


def _sums(rendered: Rendered) -> str:
    rows = [("merge result", rendered.sha256)]
    if rendered.base_sha256:
        rows.insert(0, ("base", rendered.base_sha256))
    table = "\n".join(f"| {name} | {code(digest)} |" for name, digest in rows)
    return (
        f"| manifests at the | sha256 |\n|---|---|\n{table}\n\n"
        "At the same commit `towline render` and the sidecar give the same to the byte: compare "
        "with `sha256sum`. Values of Secrets are never shown."
    )
