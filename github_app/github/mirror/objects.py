"""Reads objects through one long-lived `git cat-file --batch-command`."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterable
from typing import IO, TypeVar

from github_app.github.mirror.bounds import MIB
from github_app.github.mirror.git import Git, end
from github_app.github.mirror.values import checked_oid
from plugin.errors import Refusal, Temporary

_T = TypeVar("_T")
# Questions before a flush. Git answers none before it, so no number of them fills both pipes.
_AT_ONCE = 5000
# Bytes of a tree or a commit; how large a file may be is for the caller to say.
_LARGEST = 64 * MIB


class ObjectReader:
    """Objects by id, from any thread; the process starts when needed and again when it died."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def sizes(self, oids: Iterable[str]) -> dict[str, tuple[str, int] | None]:
        """Type and size in bytes of each object; None: not here."""
        return self._ask("info", oids, _read_info)

    def contents(self, oids: Iterable[str]) -> dict[str, tuple[str, bytes] | None]:
        """Type and bytes of each object; None: not here. The caller has looked at the sizes."""
        return self._ask("contents", oids, _read_contents)

    def close(self) -> None:
        """End the process; the next question starts one."""
        with self._lock:
            self._stop()

    def _ask(
        self, command: str, oids: Iterable[str], read: Callable[[IO[bytes]], _T]
    ) -> dict[str, _T]:
        wanted = [checked_oid(oid) for oid in dict.fromkeys(oids)]
        with self._lock:
            try:
                return self._exchange(command, wanted, read)
            except (BrokenPipeError, EOFError):
                self._stop()
            try:
                return self._exchange(command, wanted, read)
            except (BrokenPipeError, EOFError):
                self._stop()
                place = self._git.directory
                raise Temporary(f"git cat-file ends too early in {place}") from None

    def _exchange(
        self, command: str, wanted: list[str], read: Callable[[IO[bytes]], _T]
    ) -> dict[str, _T]:
        if self._process is None:
            command_line = ("cat-file", "--batch-command", "--buffer")
            self._process = self._git.start(*command_line, complaints=False)
        to, back = _pipes(self._process)
        found: dict[str, _T] = {}
        try:
            for at in range(0, len(wanted), _AT_ONCE):
                some = wanted[at : at + _AT_ONCE]
                to.write("".join(f"{command} {oid}\n" for oid in some).encode() + b"flush\n")
                to.flush()
                found.update((oid, read(back)) for oid in some)
        except BaseException:
            # Half an answer is still in the pipe: nobody may take it for the next one.
            self._stop()
            raise
        return found

    def _stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("git cat-file was started without pipes")
    return process.stdin, process.stdout


def _read_info(back: IO[bytes]) -> tuple[str, int] | None:
    line = back.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    words = line.decode().split()
    return None if words[1] == "missing" else (words[1], int(words[2]))


def _read_contents(back: IO[bytes]) -> tuple[str, bytes] | None:
    info = _read_info(back)
    if info is None:
        return None
    if info[1] > _LARGEST:
        raise Refusal(f"an object has {info[1]} bytes, Towline reads up to {_LARGEST}")
    raw = back.read(info[1] + 1)
    if len(raw) != info[1] + 1:
        raise EOFError
    return info[0], raw[:-1]
