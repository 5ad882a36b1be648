"""The disks that a promotion replaces and the machines to restart, for its reviewer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from github_app.gates import Gate, GateState
from github_app.markdown import code
from plugin.disks.move import Replaced
from plugin.disks.policy import ALLOW, Loss, Restart
from plugin.disks.restarts import Restarting

GATE = "disks"
_MOST_ROWS = 30
_UNTIL = (
    "A machine runs its old disk until it is restarted; a reboot inside of it is not enough. "
    "Towline shows what its `towline.dev/restart` says, and restarts no machine."
)
_CONSENT = (
    "To consent to this once, comment `/towline allow-replace VM:DISK`, "
    "or annotate on the base branch:"
)
# On the promotion's own branch it would be somebody else's commit, and stop everything.
_WHERE = ", on the base branch and not on this one"


def gates_of_disks(disks: Sequence[Replaced]) -> tuple[Gate, ...]:
    """The gate of a promotion that replaces disks; nobody needs one without."""
    if not disks:
        return ()
    losses = [one.objection for one in disks if one.objection]
    if losses:
        words = f"{'; '.join(losses)}{_WHERE}{_or_comment(disks)}"
        return (Gate(GATE, GateState.FAILED, words),)
    return (Gate(GATE, GateState.PASSED, "nothing is lost that nobody gave up"),)


def _or_comment(disks: Sequence[Replaced]) -> str:
    """The command that consents to the first loss; the others are asked about one by one."""
    given = next((one for one in disks if one.loss is Loss.UNCONSENTED and one.vm), None)
    return f"; or comment '/towline allow-replace {given.vm}:{given.disk}'" if given else ""


def table_of_disks(disks: Sequence[Replaced], most: int = _MOST_ROWS) -> str:
    """At most so many disks as a Markdown section, or '' where none is replaced."""
    if not disks:
        return ""
    rows = ["### Disks", "", "| machine | disk | from | to | restart |", "|---|---|---|---|---|"]
    rows += [_row(one) for one in disks[:most]]
    if len(disks) > most:
        rows.append(f"| and {len(disks) - most} more | | | | |")
    if any(one.vm and not one.pool for one in disks):
        rows += ["", _UNTIL]
    return "\n".join([*rows, *_consents(disks, most)])


def _consents(disks: Sequence[Replaced], most: int) -> list[str]:
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
    return ["", _CONSENT, "", *lines[:most]]


def _row(disk: Replaced) -> str:
    to = code(disk.new) + (" (imported anew)" if disk.imported else " (still there)")
    whose = _machine(disk) if disk.vm else "new machines"
    return f"| {whose} | {code(disk.disk)} | {code(disk.old)} | {to} | {_restart(disk)} |"


def _machine(disk: Replaced | Restarting) -> str:
    return code(f"{disk.namespace}/{disk.vm}" if disk.namespace else disk.vm)


def _restart(disk: Replaced | Restarting) -> str:
    """What has to be done, and by whom: Towline starts and stops nothing."""
    if not disk.vm:
        return "none"
    if disk.pool:
        return "by the pool, as its updateStrategy says"
    command = code(f"virtctl restart {disk.vm} -n {disk.namespace or 'NAMESPACE'}")
    match disk.restart:
        case Restart.AUTO | Restart.WINDOW:
            return f"{command} ({code(disk.restart.value)} is asked for, and nothing does it)"
        case Restart.MANUAL:
            return f"by hand: {command}"
        case Restart.NEVER:
            return "never: it keeps the old disk until it stops"
        case _:
            assert_never(disk.restart)


def table_of_restarts(machines: Sequence[Restarting], most: int = _MOST_ROWS) -> str:
    """The machines whose image changes in place, as a Markdown section; '' without any."""
    if not machines:
        return ""
    rows = ["### Machines that boot from an image", "", "| machine | image | restart |"]
    rows.append("|---|---|---|")
    rows += [
        f"| {_machine(one)} | {code(str(one.artifact.subject))} | {_restart(one)} |"
        for one in machines[:most]
    ]
    if len(machines) > most:
        rows.append(f"| and {len(machines) - most} more | | |")
    return "\n".join([*rows, "", _UNTIL])


def machines_to_restart(disks: Sequence[Replaced], machines: Sequence[Restarting]) -> int:
    """How many machines run what they ran before until somebody restarts them.

    Each counts once, whatever it takes. Pools count for nothing, as nobody knows how many
    machines they have, and no more do machines that are never to be restarted.
    """
    every: list[Replaced | Restarting] = [*disks, *machines]
    known = (one for one in every if one.vm and not one.pool)
    return len({(one.namespace, one.vm) for one in known if one.restart is not Restart.NEVER})


def warnings_of_disks(disks: Sequence[Replaced]) -> Iterator[str]:
    """What a person should know before these disks are replaced."""
    for one in disks:
        if one.loss is not Loss.NOTHING:
            yield str(one)
        yield from one.remarks
