"""The web server: one process, many threads, and a graceful end."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, Self

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from github_app.webhooks.message import MAX_BODY
from plugin.errors import Refusal

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# How many seconds requests under way are given when the server stops.
_GRACE = 10.0


class Server:
    """A WSGI application behind waitress, bound when it is made; port 0 takes a free one.

    `serve` blocks until `stop`; `with server:` serves in a thread meanwhile. Many threads, for the
    inbox commits in groups as large as the number of threads that wait for it.
    """

    def __init__(
        self, app: Flask, host: str, port: int, *, threads: int = 32, patience: float = 30.0
    ) -> None:
        """Bind the address; raises Refusal if that cannot be done.

        `patience` is how many seconds a request is given to arrive as a whole.
        """
        self._socket = _bound(host, port)
        self.host, self.port = self._socket.getsockname()[:2]
        self._arrivals = _Arrivals(patience)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.serve, name="web-server", daemon=True)
        self._map: dict[int, Any] = {}
        self._server = _listening(app, self._socket, self._map, threads)

    @property
    def url(self) -> str:
        """Where the application is, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def serve(self) -> None:
        """Answer requests until `stop`; then those under way, and no others."""
        while not self._stopping.is_set():
            self._turn(1.0)
            self._arrivals.hang_up_on_the_slow(self._map.values())
        self._stop_accepting()
        self._drain()
        for one in list(self._map.values()):
            one.close()

    def stop(self) -> None:
        """Ask `serve` to end; from any thread, and from a signal handler."""
        self._stopping.set()
        # It may have noticed by itself, and closed what would wake it.
        with contextlib.suppress(OSError):
            self._server.pull_trigger()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _stop_accepting(self) -> None:
        self._server.accepting = False
        self._server.del_channel(self._map)
        self._socket.close()

    def _drain(self) -> None:
        """Let threads finish what they answer, then end them."""
        late = threading.Event()
        timer = threading.Timer(_GRACE, late.set)
        timer.daemon = True
        timer.start()
        while not late.is_set() and any(_busy(one) for one in self._map.values()):
            self._turn(0.05)
        timer.cancel()
        self._server.task_dispatcher.shutdown()


class _Arrivals:
    """Since when requests have been arriving: a byte now and then does not keep a connection.

    The server's own timeout begins again with every byte, and connections are limited.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since: dict[HTTPChannel, tuple[object, float]] = {}

    def hang_up_on_the_slow(self, connections: Iterable[object]) -> None:
        """Close connections whose request takes too long to arrive."""
        now = time.monotonic()
        before, self._since = self._since, {}
        for one in connections:
            if isinstance(one, HTTPChannel) and one.request is not None:
                request, since = before.get(one, (None, now))
                since = since if request is one.request else now
                self._since[one] = (one.request, since)
                if now - since > self._patience and not one.requests:
                    one.will_close = True


def serve_until_signalled(server: Server, after: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, then run `after` (stop the worker, close the inbox).

    Only in the main thread. A second signal has its usual effect.
    """
    usual = {number: signal.getsignal(number) for number in _SIGNALS}

    def asked(_number: int, _frame: FrameType | None) -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)
        server.stop()

    for number in _SIGNALS:
        signal.signal(number, asked)
    try:
        server.serve()
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
        after()


def _listening(
    app: Flask, bound: socket.socket, channels: dict[int, Any], threads: int
) -> BaseWSGIServer:
    server = create_server(
        app,
        map=channels,
        sockets=[bound],
        threads=threads,
        ident="towline",
        # What is a little too large is refused by the App, in its own words.
        max_request_body_size=MAX_BODY + 65536,
        max_request_header_size=65536,
        # Bodies beyond this wait on disk: a thousand senders must not fill the memory.
        inbuf_overflow=65536,
        connection_limit=1000,
        channel_timeout=30,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=True,
    )
    if not isinstance(server, BaseWSGIServer):
        raise TypeError("one socket makes one server")
    return server


def _busy(one: object) -> bool:
    """Whether a connection has a request, or the rest of an answer, under way."""
    if not isinstance(one, HTTPChannel):
        return False
    return bool(one.requests or one.request or one.total_outbufs_len)


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=1024)
    except OSError as error:
        raise Refusal(f"cannot listen on {host}:{port}: {error.strerror}") from None
