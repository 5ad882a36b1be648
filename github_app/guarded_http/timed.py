"""Connections that tell the deadline of their exchange which socket is its own, and until when."""

from __future__ import annotations

import socket
from typing import Any

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from github_app.guarded_http.deadlines import Deadline, current


class Timed(HTTPConnection):
    """A connection, while it is taken, of the exchange that has this deadline."""

    deadline: Deadline | None = None

    def _new_conn(self) -> socket.socket:
        self._check()
        made = super()._new_conn()
        if self.deadline:
            self.deadline.hold(made.fileno())
        return made

    def _tunnel(self) -> None:
        """The way through a proxy, whose answer looks complete where it was cut off."""
        super()._tunnel()
        self._check()

    def getresponse(self) -> Any:
        """The answer, for which time is given from now on where a body was sent."""
        if self.deadline:
            self.deadline.sent()
        return super().getresponse()

    def _check(self) -> None:
        if self.deadline and self.deadline.passed:
            raise TimeoutError


class _TimedPool(HTTPConnectionPool):
    """Connections, each with a deadline while it is taken, none while it lies here."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        deadline = current()
        if deadline is not None:
            timeout = deadline.times.free.total_seconds()
        found = super()._get_conn(timeout)
        if isinstance(found, Timed):
            found.deadline = deadline
            if deadline:
                deadline.taken(found.sock.fileno() if found.sock else None)
        return found

    def _put_conn(self, conn: Any) -> None:
        if isinstance(conn, Timed) and conn.deadline:
            conn.deadline.end()
            conn.deadline = None
        super()._put_conn(conn)


def timed(
    pool: type[HTTPConnectionPool], connection: type[Timed] = Timed, **more: object
) -> type[HTTPConnectionPool]:
    """The kind of pool with connections of this kind, which have `more` to them."""
    if issubclass(pool, _TimedPool):
        return pool
    kind = type("_Timed", (connection, pool.ConnectionCls), more)
    return type("_Pool", (_TimedPool, pool), {"ConnectionCls": kind})
