"""All that a process of ours has started, ended with it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_STOPPED = "T"
# Who was killed is gone as soon as the kernel has taken its memory back.
_ROUNDS = 500
_TICK = 0.002


def kill_with_all(pid: int) -> None:
    """Kill the child `pid` and all below it; they need no process group of their own.

    All are stopped first, so that none starts another one that nobody knows, and the child is
    killed last, so that those below it are still its own. It must be waited for afterwards. Only
    Linux tells what is below. Raises ProcessLookupError when it is not there any more.
    """
    if sys.platform == "linux":
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        _kill_below(pid)
    os.kill(pid, signal.SIGKILL)


def _kill_below(pid: int) -> None:
    _until(
        lambda: _sent(signal.SIGSTOP, {one for one, at in _below(pid).items() if at != _STOPPED})
    )
    _until(lambda: _sent(signal.SIGKILL, _below(pid)))


def _until(nothing_left: Callable[[], bool]) -> None:
    for _ in range(_ROUNDS):
        if nothing_left():
            return
        time.sleep(_TICK)


def _sent(number: signal.Signals, processes: Iterable[int]) -> bool:
    """Whether there was nobody to send the signal to."""
    to = tuple(processes)
    for one in to:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one, number)
    return not to


def _below(pid: int) -> dict[int, str]:
    """The living processes that `pid` and those it started have started, each with its state."""
    living = _living()
    found, above = dict[int, str](), {pid}
    while above:
        above = {one for one, (_, parent) in living.items() if parent in above}
        found |= {one: living[one][0] for one in above}
    return found


def _living() -> dict[int, tuple[str, int]]:
    """State and parent of each process: https://man7.org/linux/man-pages/man5/proc.5.html."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            if state not in "ZX":
                found[int(place.name)] = state, int(parent)
    return found
