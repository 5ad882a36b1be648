"""All that a process of ours has started, ended with it."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

# Who was killed is gone as soon as the kernel has taken its memory back.
_ROUNDS = 500
_TICK = 0.002


def kill_with_all(pid: int) -> None:
    """Kill the child `pid` and all below it; they need no process group of their own.

    The child is stopped first, so that it starts nothing more, and killed last, so that those below
    it are still known as its own. It must be waited for afterwards. Only Linux tells what is below.
    Raises ProcessLookupError when it is not there any more.
    """
    if sys.platform == "linux":
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        _kill_below(pid)
    os.kill(pid, signal.SIGKILL)


def _kill_below(pid: int) -> None:
    for _ in range(_ROUNDS):
        below = _below(pid)
        if not below:
            return
        for one in below:
            try:
                os.kill(one, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        time.sleep(_TICK)


def _below(pid: int) -> set[int]:
    """The living processes that `pid` and those it started have started."""
    parents = _parents()
    found, above = set[int](), {pid}
    while above:
        above = {one for one, parent in parents.items() if parent in above}
        found |= above
    return found


def _parents() -> dict[int, int]:
    """The parent of each process that lives: https://man7.org/linux/man-pages/man5/proc.5.html."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            if state not in "ZX":
                found[int(place.name)] = int(parent)
    return found
