"""How long one exchange may take, whatever the server does: then its socket is shut down.

Timeouts of sockets bound one read each, and a read is over with the first byte: who sends a byte
now and then holds whoever waits for a line, a chunk or the first unpacked byte as long as he likes.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Times:
    """How long is waited: for a free connection, for an answer's headers, for a body to be taken.

    None, where no body is sent: the answer's time begins with the connection.
    """

    free: timedelta
    answer: timedelta
    sending: timedelta | None = None


class Deadline:
    """The time of one exchange, whose thread reads while a timer's may end it.

    It holds a second descriptor of the socket: that stays the same beneath TLS, survives whoever
    closes the connection, and is closed when the exchange ends, so no other is ever shut down.
    """

    def __init__(self, times: Times) -> None:
        self.times = times
        self.time = times.answer
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._held: socket.socket | None = None
        self._passed = False

    @property
    def passed(self) -> bool:
        """Whether the time was over before the exchange was: what was read may lack its end."""
        return self._passed

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While the headers are waited for: connections that this thread takes are held."""
        token = _CURRENT.set(self)
        try:
            yield
        except BaseException:
            self.end()
            raise
        finally:
            _CURRENT.reset(token)
        self.pause()

    def taken(self, found: int | None) -> None:
        """The exchange has a connection, with this descriptor if it stands already.

        The time goes on where the exchange is tried again.
        """
        if found is not None:
            self.hold(found)
        if self._timer is None:
            self.begin(self.times.sending or self.times.answer)

    def sent(self) -> None:
        """Everything was sent that belongs to the question."""
        if self.times.sending:
            self.begin(self.times.answer)

    def hold(self, descriptor: int) -> None:
        """This socket is the exchange's from now on."""
        with self._lock:
            self._let_go()
            self._held = socket.socket(fileno=os.dup(descriptor))
            if self._passed:
                self._shut_down()

    def begin(self, time: timedelta) -> None:
        """The exchange has so long from now on, unless its time was over before."""
        self.pause()
        if self._passed:
            return
        self.time = time
        timer = threading.Timer(time.total_seconds(), lambda: self._pass(timer))
        timer.daemon, timer.name = True, "deadline"
        with self._lock:
            self._timer = timer
        timer.start()

    @contextmanager
    def within(self, time: timedelta) -> Iterator[None]:
        """So long the exchange has until we are through."""
        self.begin(time)
        try:
            yield
        finally:
            self.pause()

    def pause(self) -> None:
        """No time passes until it begins again."""
        with self._lock:
            self._stop()

    def end(self) -> None:
        """The exchange is over: its socket is others'."""
        with self._lock:
            self._stop()
            self._let_go()

    def _pass(self, timer: threading.Timer) -> None:
        """A timer that was stopped too late to be kept from running does nothing."""
        with self._lock:
            if timer is self._timer:
                self._passed = True
                self._shut_down()

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _let_go(self) -> None:
        if self._held:
            self._held.close()
        self._held = None

    def _shut_down(self) -> None:
        if self._held:
            with suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)


_CURRENT: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current() -> Deadline | None:
    """The deadline of the exchange that this thread waits for, if there is one."""
    return _CURRENT.get()
