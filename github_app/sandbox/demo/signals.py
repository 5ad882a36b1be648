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

    Only in the main thread. Under nohup the terminal may close: SIGHUP stays ignored.
    """
    usual = {number: signal.getsignal(number) for number in _ENDS}
    if usual[signal.SIGHUP] is signal.SIG_IGN:
        del usual[signal.SIGHUP]

    def restore() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    def asked(_number: int, _frame: FrameType | None) -> None:
        restore()
        stop.set()

    for number in usual:
        signal.signal(number, asked)
    try:
        yield
    finally:
        restore()
