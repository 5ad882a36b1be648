"""The gates of a promotion and the one check that shows them. Pure."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from github_app.ledger_times import time_text
from github_app.markdown import code, plain, shortened, visible
from plugin.pipeline_file import Mistake

NAME = "towline"
DIFF = "towline/diff"
MOST_ANNOTATIONS = 50
_MOST_TEXT = 2_000
_MOST_TITLE = 250


class GateState(enum.Enum):
    """Whether a gate is open, opens by itself, or needs a person."""

    PASSED = "passed"
    WAITING = "waiting"
    FAILED = "failed"


_MARKS = {GateState.PASSED: "✅", GateState.WAITING: "⏳", GateState.FAILED: "❌"}


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that must be right before a promotion may be merged."""

    name: str
    state: GateState
    text: str
    until: datetime | None = None

    def row(self) -> str:
        """The gate as a row of a Markdown table, with the moment at which it opens by itself."""
        words = shortened(self.text, _MOST_TEXT)
        if self.until and time_text(self.until) not in words:
            words += f" (until {time_text(self.until)})"
        return f"| {_MARKS[self.state]} {self.state.value} | {self.name} | {plain(words)} |"


class Conclusion(enum.Enum):
    """How the check stands; WAITING is a run in progress, the others are completed."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    NEUTRAL = "NEUTRAL"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    WAITING = "WAITING"


@dataclass(frozen=True, slots=True)
class Button:
    """A button that a check run shows; pressed, it comes back to us as its identifier.

    GitHub shows at most three, and takes 20 characters for label and identifier and 40 for the
    description (https://docs.github.com/rest/checks/runs#create-a-check-run).
    """

    label: str
    description: str
    identifier: str

    def __post_init__(self) -> None:
        if len(self.label) > 20 or len(self.identifier) > 20 or len(self.description) > 40:
            raise ValueError(f"{self} is too long for a button")


@dataclass(frozen=True, slots=True)
class Check:
    """A check run of a commit, with annotations on lines of pipeline files.

    `text` is shown below the summary.
    """

    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Mistake, ...] = ()
    name: str = NAME
    text: str = ""
    actions: tuple[Button, ...] = ()

    @property
    def key(self) -> str:
        """A hash of the content: a check whose key is already posted is not posted again."""
        parts = [self.conclusion.value, self.title, self.summary, *map(str, self.annotations)]
        parts += [self.text, *map(str, self.actions)] if self.text or self.actions else []
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def table(gates: Sequence[Gate]) -> str:
    """The gates as a Markdown table."""
    rows = ["| | gate | why |", "|---|---|---|", *(gate.row() for gate in gates)]
    return "\n".join(rows)


def all_passed(gates: Sequence[Gate]) -> bool:
    """Whether nothing stands in the way of merging."""
    return all(gate.state is GateState.PASSED for gate in gates)


# Pressed, each is the command of that name.
BUTTONS = (
    Button("Promote", "Let this freight come now", "promote"),
    Button("Hold", "Stop this line until it is resumed", "hold"),
    Button("Retry", "Look again and try again", "retry"),
)


def waits_for_time(gates: Sequence[Gate]) -> bool:
    """Whether time alone opens what is not open yet."""
    shut = [gate for gate in gates if gate.state is not GateState.PASSED]
    waiting = (gate.state is GateState.WAITING and gate.until is not None for gate in shut)
    return bool(shut) and all(waiting)


def promotion_check(gates: Sequence[Gate]) -> Check:
    """The check of a promotion's head."""
    return replace(_judged(gates), actions=BUTTONS)


def _judged(gates: Sequence[Gate]) -> Check:
    failed = [gate for gate in gates if gate.state is GateState.FAILED]
    waiting = [gate for gate in gates if gate.state is GateState.WAITING]
    if failed:
        title = "; ".join(f"{gate.name}: {visible(gate.text)}" for gate in failed)
        return Check(Conclusion.ACTION_REQUIRED, shortened(title, _MOST_TITLE), table(gates))
    if waiting:
        title = "Waiting for " + ", ".join(gate.name for gate in waiting)
        return Check(Conclusion.WAITING, title, table(gates))
    return Check(Conclusion.SUCCESS, "Ready to promote", table(gates))


NOT_A_PROMOTION = Check(
    Conclusion.SUCCESS,
    "Not a promotion",
    "This pull request was not opened by Towline and moves no freight; nothing to check.",
)


def records_check(records: Sequence[str]) -> Check:
    """The check of somebody's pull request that would promote past every gate."""
    names = ", ".join(code(one) for one in records[:MOST_ANNOTATIONS])
    return Check(
        Conclusion.FAILURE,
        "Records of freight that was never here",
        f"{names}: merging this would promote freight past every gate. Take these files out of "
        "the pull request; to have the freight promoted, comment `/towline promote` on a "
        "promotion of the stage. A revert, or a stage that moves, needs nothing of this.",
    )


def pipeline_check(
    files: Sequence[str], mistakes: Sequence[Mistake], *, merged: bool = True
) -> Check:
    """The check of a commit that holds or changes pipeline files.

    `merged` says that it is on the default branch, where a mistake stops the project already.
    """
    names = ", ".join(code(one) for one in files)
    if not mistakes:
        return Check(
            Conclusion.SUCCESS,
            "The pipeline file is valid",
            f"{names}: no mistakes. It counts once it is on the default branch.",
        )
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    stops = "nothing of this project is promoted" if merged else "merging this stops the project"
    lines = "\n".join(f"* {code(str(one))}" for one in mistakes)
    return Check(
        Conclusion.FAILURE,
        f"{count} in the pipeline file",
        f"{names}: {stops} until it is mended.\n\n{lines}",
        tuple(mistakes[:MOST_ANNOTATIONS]),
    )
