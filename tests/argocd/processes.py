"""Processes that a test starts: each with a log of its own, awaited, and ended in the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")

TAIL = 40
POLITE, PATIENCE = 12, 0.25


def until(found: Callable[[], T], what: str, seconds: float = 60.0) -> T:
    """The first true value of `found`; the limit is only for when there never is one."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s for {what}; the last answer: {value!r}")
        time.sleep(0.05)
    return value


def free_ports(count: int) -> tuple[int, ...]:
    """That many different free ports of the loopback interface."""
    with ExitStack() as open_ones:
        sockets = [
            open_ones.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return tuple(one.getsockname()[1] for one in sockets)


def listens(port: int) -> bool:
    """Whether anything accepts connections on this loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Running:
    """A process found in /proc: its id and its command line."""

    pid: int
    command: tuple[str, ...]

    def kill(self) -> None:
        """End it by force, if it has not ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def running_below(directory: Path) -> list[Running]:
    """Processes whose working directory lies in this one, those of a deleted one included."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = (process / "cwd").readlink()
            words = (process / "cmdline").read_bytes().split(b"\0")[:-1]
        except OSError:
            continue  # it ended, or is another user's
        if place.is_relative_to(directory):
            command = tuple(word.decode(errors="replace") for word in words)
            found.append(Running(int(process.name), command))
    return found


@dataclass(frozen=True, slots=True)
class Process:
    """One started program, in a process group of its own, with all its output in `log`."""

    name: str
    log: Path
    popen: subprocess.Popen[bytes]

    def output(self) -> str:
        """All that it has written."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self) -> str:
        """The last lines that it has written."""
        return "\n".join(self.output().splitlines()[-TAIL:])

    def alive(self) -> None:
        """Nothing, or the end of its log when it has ended."""
        status = self.popen.poll()
        if status is not None:
            raise AssertionError(f"{self.name} ended with {status}:\n{self.tail()}")

    def stop(self) -> None:
        """End it and its group: politely, then by force.

        The cmp-server takes the first SIGTERM only as a hint to remove its socket, so there are
        several. https://github.com/argoproj/argo-cd/blob/v3.2.11/cmpserver/server.go
        """
        for _ in range(POLITE):
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(PATIENCE)
                break
        self._signal(signal.SIGKILL)
        self.popen.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # the whole group may have ended
            os.killpg(self.popen.pid, number)


class Stopped(ABC):
    """Something that runs until the end of a `with` statement."""

    @abstractmethod
    def stop(self) -> None:
        """Stop all of it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Processes(Stopped):
    """The processes of one test; the last one started is the first one stopped."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._started: list[Process] = []

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        ready: Callable[[], object],
        seconds: float = 60.0,
    ) -> Process:
        """The process, once it is ready; nothing of this process's environment is handed on.

        Raises AssertionError with the end of its log when it ends early or is never ready.
        """
        log = self.directory / f"{name}.log"
        with log.open("ab") as output:
            popen = subprocess.Popen(
                [os.fspath(word) for word in command],
                cwd=self.directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        process = Process(name, log, popen)
        self._started.append(process)

        def answers() -> object:
            process.alive()
            return ready()

        try:
            until(answers, f"{name} to be ready", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{process.tail()}") from None
        return process

    def stop_one(self, process: Process) -> None:
        """Stop one of them before the others."""
        self._started.remove(process)
        process.stop()

    def stop(self) -> None:
        """Stop all."""
        while self._started:
            self._started.pop().stop()
