"""Feeds a running command and reads what it prints, no more and no longer than it may."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable
from typing import IO, NamedTuple

from github_app.github.mirror.bounds import Bounds, TooLong, TooMuch, amount

_CHUNK = 1 << 16
# A server may complain without end: the last lines say why a command failed.
_COMPLAINT = 1 << 16
_TICK = 0.25

Watch = Callable[[], None]


def exchange(
    process: subprocess.Popen[bytes],
    name: str,
    data: bytes,
    bounds: Bounds,
    watch: Watch | None = None,
) -> tuple[bytes, bytes]:
    """All that the command printed once it has read `data`, and the end of its complaints.

    `watch` is called a few times a second; what it raises ends the exchange. Raises TooMuch and
    TooLong. The caller ends the process.
    """
    late = time.monotonic() + bounds.seconds
    with selectors.DefaultSelector() as ready:
        pipes = _Pipes(ready, process, name, data, bounds.printed)
        tick = 0.0
        while ready.get_map():
            now = time.monotonic()
            if now >= late:
                raise _too_long(name, bounds)
            if watch is not None and now >= tick:
                watch()
                tick = now + _TICK
            pipes.move(min(late - now, _TICK))
    try:
        process.wait(max(late - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        raise _too_long(name, bounds) from None
    if watch is not None:
        watch()
    return bytes(pipes.out), bytes(pipes.err[-_COMPLAINT:])


def _too_long(name: str, bounds: Bounds) -> TooLong:
    return TooLong(f"git {name} took longer than {bounds.seconds:g} s")


class _Pipe(NamedTuple):
    """An end of a pipe, and what to do when it is ready; that says whether to go on."""

    end: IO[bytes]
    act: Callable[[int], bool]


class _Pipes:
    """The three pipes of a process, with what came out of two of them."""

    def __init__(
        self,
        ready: selectors.BaseSelector,
        process: subprocess.Popen[bytes],
        name: str,
        data: bytes,
        most: int,
    ) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self._ready = ready
        self._name = name
        self._most = most
        self._data = memoryview(data)
        self._register(process.stdout, self._read, selectors.EVENT_READ)
        self._register(process.stderr, self._complain, selectors.EVENT_READ)
        self._register(process.stdin, self._write, selectors.EVENT_WRITE)

    def _register(self, end: IO[bytes] | None, act: Callable[[int], bool], event: int) -> None:
        if end is not None:
            os.set_blocking(end.fileno(), False)
            self._ready.register(end, event, _Pipe(end, act))

    def move(self, seconds: float) -> None:
        """What can be moved now, or within so many seconds."""
        for key, _ in self._ready.select(seconds):
            pipe: _Pipe = key.data
            if not pipe.act(key.fd):
                self._ready.unregister(pipe.end)
                pipe.end.close()

    def _read(self, pipe: int) -> bool:
        chunk = os.read(pipe, _CHUNK)
        self.out += chunk
        if len(self.out) > self._most:
            raise TooMuch(f"git {self._name} prints more than {amount(self._most)}")
        return bool(chunk)

    def _complain(self, pipe: int) -> bool:
        chunk = os.read(pipe, _CHUNK)
        self.err += chunk
        if len(self.err) > 2 * _COMPLAINT:
            del self.err[:-_COMPLAINT]
        return bool(chunk)

    def _write(self, pipe: int) -> bool:
        try:
            written = os.write(pipe, self._data[:_CHUNK])
        except BrokenPipeError:
            return False
        self._data = self._data[written:]
        return bool(self._data)
