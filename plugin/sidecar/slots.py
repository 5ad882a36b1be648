"""At most so many renders at once, over all processes that share a directory."""

# The way to a render: nothing is imported that costs a millisecond.
# ruff: noqa: PTH103
from __future__ import annotations

import fcntl
import os
import time
from _thread import allocate_lock, start_new_thread

_POLL = 0.005


class Slot:
    """One of `count` slots of a directory, held in a `with` statement.

    Who comes first is served first: the kernel queues all but the one next in line, who looks for
    a free slot. A slot is a locked file, so that it is free again however its process ends. Raises
    `Temporary` after `seconds` without one; `waited` says whether it took any time. Where the
    directory cannot be used nothing is bounded: better too many renders than none.
    """

    def __init__(self, directory: str, count: int, seconds: float) -> None:
        self._directory = directory
        self._count = count
        self._seconds = max(seconds, 0.0)
        self._held = -1
        self.waited = False

    def __enter__(self) -> Slot:
        deadline = time.monotonic() + self._seconds
        try:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            line = _opened(self._directory, "line")
        except OSError:
            return self
        line = self._first_in(line, deadline)
        try:
            while not self._taken():
                self.waited = True
                if time.monotonic() >= deadline:
                    self._give_up()
                time.sleep(_POLL)
        finally:
            os.close(line)
        return self

    def __exit__(self, *_: object) -> None:
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def _first_in(self, line: int, deadline: float) -> int:
        """The descriptor `line`, locked; it is closed when that takes too long."""
        if _locked(line):
            return line
        self.waited = True
        queue = _Queue(line)
        if not queue.first(deadline - time.monotonic()):
            self._give_up()
        return line

    def _taken(self) -> bool:
        for number in range(self._count):
            try:
                slot = _opened(self._directory, str(number))
            except OSError:
                return True
            if _locked(slot):
                self._held = slot
                return True
            os.close(slot)
        return False

    def _give_up(self) -> None:
        from plugin.errors import Temporary

        raise Temporary(
            f"no render could start for {round(self._seconds, 1):g} seconds: all slots, "
            f"{self._count}, were busy; give the sidecar more CPU, or raise TOWLINE_SLOTS"
        )


class _Queue:
    """Waits for a lock in a thread, because only a lock of threads can be waited for in bounds.

    Who gives up before closes nothing: the thread does, when its turn comes.
    """

    def __init__(self, line: int) -> None:
        self._line = line
        self._turn = allocate_lock()
        self._decided = allocate_lock()
        self._over = False
        self._turn.acquire()

    def first(self, seconds: float) -> bool:
        """Whether the lock was ours within `seconds`."""
        start_new_thread(self._wait, ())
        if self._turn.acquire(timeout=max(seconds, 0)):
            return True
        with self._decided:
            self._over = not self._turn.acquire(blocking=False)
            return not self._over

    def _wait(self) -> None:
        try:
            fcntl.flock(self._line, fcntl.LOCK_EX)
        finally:
            with self._decided:
                if self._over:
                    os.close(self._line)
                else:
                    self._turn.release()


def _opened(directory: str, name: str) -> int:
    return os.open(f"{directory}/{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
