"""Ctrl-C and its kin as an event, so that nothing is torn down halfway."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP set `stop` inside the block; a second one has its usual effect.

    Only in the main thread. What the process was told to ignore (nohup) stays ignored.
    """
    usual = {number: signal.getsignal(number) for number in _ENDS}
    heard = [number for number, handler in usual.items() if handler is not signal.SIG_IGN]

    def restore() -> None:
        for number in heard:
            signal.signal(number, usual[number])

    def asked(_number: int, _frame: FrameType | None) -> None:
        restore()
        stop.set()

    for number in heard:
        signal.signal(number, asked)
    try:
        yield
    finally:
        restore()
