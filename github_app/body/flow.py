"""The pipeline as a Mermaid picture, with a freight's position in each stage. Pure.

https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from github_app.artifact_words import count_of
from github_app.body.subject import Position, Stand, Subject
from github_app.ledger_times import time_text
from github_app.markdown import mermaid, shortened
from plugin.pipeline import After, Line, Stage

_MARKS = {
    Stand.HOLDS: "✅",
    Stand.SOAKS: "⏳",
    Stand.WAITS: "⌛",
    Stand.PASSED: "☑️",
    Stand.HELD: "⏸️",
    Stand.FAILED: "❌",
}
_MOST_LABEL = 60
_MOST_LINES = 4


def flows(subject: Subject) -> str:
    """A picture for each line, of a few of them."""
    left = len(subject.lines) - _MOST_LINES
    parts = [flow(one) for one in subject.lines[:_MOST_LINES]]
    return "\n\n".join([*parts, *([f"{left} other lines are not drawn."] if left > 0 else [])])


def flow(subject: Subject) -> str:
    """The line's stages from the warehouse on, each with what it holds, this one marked."""
    warehouse = subject.line.warehouse
    lines = ["```mermaid", "flowchart LR", f'  w(["{_label(warehouse)}"])']
    numbers = {stage.name: f"s{number}" for number, stage in enumerate(subject.stages)}
    for stage in subject.stages:
        lines.append(f"  {numbers[stage.name]}{_node(subject, stage)}")
        line = stage.line(warehouse)
        befores = _before(line, numbers) if line else ()
        lines += [f"  {before} --> {numbers[stage.name]}" for before in befores]
    lines += [
        f"  class {numbers[subject.stage.name]} promoted",
        "  classDef promoted stroke-width:4px",
        "```",
    ]
    return "\n".join([*lines, *_undrawn(subject)])


def _undrawn(subject: Subject) -> list[str]:
    if not subject.undrawn:
        return []
    left = count_of(subject.undrawn, "other stage")
    return ["", f"{left} {'is' if subject.undrawn == 1 else 'are'} not drawn."]


def _before(line: Line, numbers: Mapping[str, str]) -> list[str]:
    match line.source:
        case After(upstreams):
            return [numbers[one.stage] for one in upstreams if one.stage in numbers]
        case _:
            return ["w"]


def _node(subject: Subject, stage: Stage) -> str:
    if stage.place is None:
        return f'{{{{"{_label(stage.name)}"}}}}'
    return f'["{"<br/>".join(_words(subject, stage))}"]'


def _words(subject: Subject, stage: Stage) -> Iterator[str]:
    yield _label(stage.name)
    if stage.name in subject.held:
        yield _label(subject.held[stage.name])
    if stage.name == subject.stage.name:
        yield f"→ {_label(f'{subject.freight.tags()} {subject.freight.alias}')}"
    position = subject.positions.get(stage.name)
    if position is not None:
        yield _position(position)


def _position(position: Position) -> str:
    until = f" until {time_text(position.until)}" if position.until else ""
    return f"{_MARKS[position.stand]} {mermaid(f'{position.stand.value}{until}')}"


def _label(text: str) -> str:
    return mermaid(shortened(text, _MOST_LABEL))
