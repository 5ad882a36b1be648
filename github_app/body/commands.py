"""The commands that make sense on a promotion as it stands, for whoever reads it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from github_app.body.subject import Subject
from github_app.gates import Gate, GateState
from github_app.markdown import code
from plugin.disks.policy import Loss

_MOST_DISKS = 5
_OVERRIDABLE = ("window", "rollout")


def commands(subject: Subject) -> str:
    """A table of comments and what each does, in a fold."""
    rows = [f"| {code(f'/towline {words}')} | {what} |" for words, what in _commands(subject)]
    table = "\n".join(["| comment | what it does |", "|---|---|", *rows])
    return f"<details><summary>Commands</summary>\n\n{table}\n\n</details>"


def _commands(subject: Subject) -> Iterator[tuple[str, str]]:
    gates = {one.name: one for one in subject.gates if one.state is not GateState.PASSED}
    stage = subject.stage.name
    yield from _on_gates(gates, stage)
    for disk in [one for one in subject.disks if one.loss is Loss.UNCONSENTED][:_MOST_DISKS]:
        yield f"allow-replace {disk.vm}:{disk.disk} REASON", "consents once to what is lost"
    yield "reject REASON", f"keeps this freight out of {stage} until newer freight comes"
    if "hold" not in gates:
        yield "hold REASON", f"nothing comes to {stage} by itself any more"
    if subject.before:
        yield "rollback REASON", f"proposes what {stage} held before"
    yield "status", "says how this freight stands"
    yield "help", "lists every command"


def _on_gates(gates: dict[str, Gate], stage: str) -> Iterator[tuple[str, str]]:
    if "upstream" in gates:
        yield "approve REASON", f"lets this freight into {stage} past verification and soak"
    if "hold" in gates:
        yield "resume REASON", "lets the line go on"
    for name in _OVERRIDABLE:
        if name in gates:
            yield f"override {name} REASON", f"lets this freight past gate {name} once"
    if "pins" in gates:
        yield "retry", "looks again, once the pins are mended"
