"""A build under way: a process that is read to its end, within bounds, and then gone."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from plugin.errors import Refusal, Temporary
from plugin.kustomize.descendants import kill_with_all
from plugin.kustomize.spawning import Child

_CHUNK = 1 << 16
_TICK = 0.05
_WORDS = 4000
# What kustomize adds to helm's words: the whole command with our own places.
_HELM = ": unable to run: '"
_OUT_OF_MEMORY = (b"out of memory", b"cannot allocate memory")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds a build may take, bytes it may print, bytes of data a process of it may have."""

    timeout: float
    limit: int
    memory: int


class TooLate(Exception):
    """The process was stopped, because its time was over."""


class TooMuch(Exception):
    """The process was stopped, because it printed more than it may."""


class Process:
    """What a started process prints and how it ends; it never outlives `ended` or `stop`.

    Time runs from now on, so that we can do something else meanwhile.
    """

    def __init__(self, child: Child, timeout: float, limit: int, *, group: bool) -> None:
        self._pid = child.pid
        self._printed = {pipe: bytearray() for pipe in child.pipes}
        self._open = set(child.pipes)
        self._deadline = time.monotonic() + timeout
        self._limit = limit
        self._kill = _kill_group if group else kill_with_all
        self._status: int | None = None

    def ended(self) -> tuple[int, bytes, bytes]:
        """Exit status (negative: the signal), standard output and standard error.

        Raises TooLate or TooMuch; the process, and all it started, is dead then.
        """
        try:
            self._read()
            while not self._reaped():
                self._left()
                time.sleep(0.001)
        finally:
            self.stop()
        out, err = self._printed.values()
        return os.waitstatus_to_exitcode(self._status or 0), bytes(out), bytes(err)

    def stop(self) -> None:
        """End the process, if it runs, and let go of all that belongs to it."""
        if not self._reaped():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                self._kill(self._pid)
            self._status = os.waitpid(self._pid, 0)[1]
        while self._open:
            os.close(self._open.pop())

    def _read(self) -> None:
        """Both pipes in turn, so that neither can block the process.

        A stray child may hold them open after the process has ended; it is not waited for.
        """
        poll = select.poll()
        for pipe in self._open:
            poll.register(pipe, select.POLLIN)
        while self._open:
            ready = poll.poll(min(self._left(), _TICK) * 1000)
            if not ready and self._reaped():
                return
            for pipe, _ in ready:
                if not self._took(pipe):
                    poll.unregister(pipe)

    def _took(self, pipe: int) -> bool:
        """Whether there may be more to come."""
        chunk = os.read(pipe, _CHUNK)
        if not chunk:
            self._open.remove(pipe)
            os.close(pipe)
            return False
        self._printed[pipe] += chunk
        if len(self._printed[pipe]) > self._limit:
            raise TooMuch
        return True

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TooLate
        return left

    def _reaped(self) -> bool:
        if self._status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._status = status if pid else None
        return self._status is not None


def _kill_group(pid: int) -> None:
    os.killpg(pid, signal.SIGKILL)


class Running:
    """A build under way; it stands for a process, so it must be finished or stopped."""

    def __init__(
        self,
        process: Process,
        limits: Limits,
        root: Path,
        stage: str,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        self._process, self._limits, self._stage, self._then = process, limits, stage, then
        self._places = dict.fromkeys((str(root.resolve()), str(root)))

    def finished(self) -> bytes:
        """What kustomize printed; raises Refusal as `Kustomize.build`."""
        limits, stage = self._limits, self._stage
        try:
            status, printed, words = self._process.ended()
        except (TooLate, Temporary):  # its time is over, or all of ours
            raise Refusal(
                f"{stage}: kustomize was stopped after {round(limits.timeout, 1):g} seconds; make "
                "the stage smaller, or raise the limit, which is TOWLINE_TIMEOUT in the sidecar "
                "and in towline render"
            ) from None
        except TooMuch:
            text = f"{stage}: renders to more than {limits.limit} bytes; split the stage"
            raise Refusal(text) from None
        finally:
            self._then()
        if status != 0:
            raise Refusal(f"{stage}: {self._why(status, words)}")
        return printed

    def stop(self) -> None:
        """End the build, if it still runs, with all it needed."""
        self._process.stop()
        self._then()

    def _why(self, status: int, words: bytes) -> str:
        if any(one in words for one in _OUT_OF_MEMORY):
            size = self._limits.memory >> 20
            return (
                f"needs more than {size} MiB of memory to render; make the stage smaller, "
                "or raise TOWLINE_MEMORY"
            )
        if status < 0:
            name = signal.Signals(-status).name
            return f"kustomize was ended by {name}; perhaps the container has too little memory"
        return f"kustomize refused: {self._told(words)}"

    def _told(self, words: bytes) -> str:
        """The message without the place of our working copy, short enough for a screen."""
        text = words.decode("utf-8", "replace").partition(_HELM)[0].strip()
        text = text.removeprefix("Error: ").removeprefix("Error: ")
        for place in self._places:
            text = text.replace(f"{place}/", "").replace(place, ".")
        return text[:_WORDS] or "it said nothing"

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()
