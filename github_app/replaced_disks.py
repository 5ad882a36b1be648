"""The disks that a promotion replaces, as its reviewer reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from github_app.gates import Gate, GateState
from github_app.markdown import code
from plugin.disks.move import Replaced
from plugin.disks.policy import ALLOW, Loss, Restart

GATE = "disks"
_MOST_ROWS = 30
# On the promotion's own branch it would be somebody else's commit, and stop everything.
_WHERE = ", on the base branch and not on this one"


def gates_of_disks(disks: Sequence[Replaced]) -> tuple[Gate, ...]:
    """The gate of a promotion that replaces disks; nobody needs one without."""
    if not disks:
        return ()
    losses = [one.objection for one in disks if one.objection]
    if losses:
        return (Gate(GATE, GateState.FAILED, f"{'; '.join(losses)}{_WHERE}"),)
    return (Gate(GATE, GateState.PASSED, "nothing that somebody wants to keep is lost"),)


def table_of_disks(disks: Sequence[Replaced]) -> str:
    """The disks as a Markdown section, or '' where none is replaced."""
    if not disks:
        return ""
    rows = ["### Disks", "", "| machine | disk | from | to | restart |", "|---|---|---|---|---|"]
    rows += [_row(one) for one in disks[:_MOST_ROWS]]
    if len(disks) > _MOST_ROWS:
        rows.append(f"| and {len(disks) - _MOST_ROWS} more | | | | |")
    return "\n".join([*rows, *_consents(disks)])


def _consents(disks: Sequence[Replaced]) -> list[str]:
    """The annotations that would give up what is lost, each to be copied as it stands."""
    lost: dict[str, list[str]] = {}
    for one in disks:
        if one.loss is Loss.UNCONSENTED:
            lost.setdefault(_machine(one), []).append(f"{one.disk}@{one.artifact.digest}")
    if not lost:
        return []
    lines = [
        f"* {machine}: {code(ALLOW + ': ' + ','.join(each))}" for machine, each in lost.items()
    ]
    return ["", "To consent to this once, annotate on the base branch:", "", *lines[:_MOST_ROWS]]


def _row(disk: Replaced) -> str:
    to = code(disk.new) + (" (imported anew)" if disk.imported else " (still there)")
    whose = _machine(disk) if disk.vm else "new machines"
    return f"| {whose} | {code(disk.disk)} | {code(disk.old)} | {to} | {_restart(disk)} |"


def _machine(disk: Replaced) -> str:
    return code(f"{disk.namespace}/{disk.vm}" if disk.namespace else disk.vm)


def _restart(disk: Replaced) -> str:
    if not disk.vm:
        return "none"
    match disk.restart:
        case Restart.AUTO:
            return "by itself, after the sync"
        case Restart.WINDOW:
            return "in its window"
        case Restart.MANUAL:
            return f"by hand: {code(f'virtctl restart {disk.vm}')}"
        case Restart.NEVER:
            return "never: it keeps the old disk until it stops"
        case _:
            assert_never(disk.restart)


def warnings_of_disks(disks: Sequence[Replaced]) -> Iterator[str]:
    """What a person should know before these disks are replaced."""
    for one in disks:
        if one.loss is not Loss.NOTHING:
            yield str(one)
        if not one.kept and one.imported:
            yield f"{one.old} does not stay in Git: the way back imports it anew"
        yield from one.notes
