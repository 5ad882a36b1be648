"""The disks that a promotion replaces, as its reviewer reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from github_app.gates import Gate, GateState
from github_app.markdown import code
from plugin.disks.move import Replaced
from plugin.disks.policy import Loss, Restart

GATE = "disks"
_MOST_ROWS = 30


def gates_of_disks(disks: Sequence[Replaced]) -> tuple[Gate, ...]:
    """The gate of a promotion that replaces disks; nobody needs one without."""
    if not disks:
        return ()
    losses = [one.objection for one in disks if one.objection]
    if losses:
        return (Gate(GATE, GateState.FAILED, "; ".join(losses)),)
    return (Gate(GATE, GateState.PASSED, "nothing that somebody wants to keep is lost"),)


def table_of_disks(disks: Sequence[Replaced]) -> str:
    """The disks as a Markdown section, or '' where none is replaced."""
    if not disks:
        return ""
    rows = ["### Disks", "", "| machine | disk | from | to | restart |", "|---|---|---|---|---|"]
    rows += [_row(one) for one in disks[:_MOST_ROWS]]
    if len(disks) > _MOST_ROWS:
        rows.append(f"| and {len(disks) - _MOST_ROWS} more | | | | |")
    return "\n".join(rows)


def _row(disk: Replaced) -> str:
    machine = code(f"{disk.namespace}/{disk.vm}" if disk.namespace else disk.vm)
    to = code(disk.new) + (" (imported anew)" if disk.imported else " (still there)")
    whose = machine if disk.vm else "new machines"
    return f"| {whose} | {code(disk.disk)} | {code(disk.old)} | {to} | {_restart(disk)} |"


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
