"""A network that breaks: what is sent through it goes on to a server until it is cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_BLOCK = 64 * 1024


@dataclass
class Network:
    """A port before a server's; each connection in `cuts` ends after so many bytes sent to it.

    Connections are counted from those that send more than `_BLOCK`: questions go through.
    """

    behind: int
    cuts: list[int] = field(default_factory=list)
    broken: int = 0
    carried: list[socket.socket] = field(default_factory=list)

    def carry(self, here: socket.socket) -> None:
        """Both directions of one connection until somebody ends it."""
        self.carried.append(here)
        with here, socket.create_connection(("127.0.0.1", self.behind)) as there:
            back = threading.Thread(target=_copy, args=(there, here))
            back.start()
            self._send(here, there)
            for one in (there, here):
                _end(one)
            back.join()

    def _send(self, here: socket.socket, there: socket.socket) -> None:
        sent = 0
        try:
            while block := here.recv(_BLOCK):
                sent += len(block)
                if sent > _BLOCK and self.cuts and sent > self.cuts[0]:
                    self.cuts.pop(0)
                    self.broken += 1
                    return
                there.sendall(block)
        except OSError:
            return


@contextmanager
def network(behind: int) -> Iterator[tuple[Network, int]]:
    """The network and its port, closed at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Network(behind)
        threads: list[threading.Thread] = []
        accepting = threading.Thread(target=_accept, args=(listening, made, threads))
        accepting.start()
        try:
            yield made, listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            # Clients keep connections for their next request.
            for connection in made.carried:
                _end(connection)
            for one in threads:
                one.join(timeout=10)


def _accept(listening: socket.socket, made: Network, threads: list[threading.Thread]) -> None:
    while True:
        try:
            here, _ = listening.accept()
        except OSError:
            return
        thread = threading.Thread(target=made.carry, args=(here,))
        thread.start()
        threads.append(thread)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while block := source.recv(_BLOCK):
            target.sendall(block)
    except OSError:
        pass
    _end(target)


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
