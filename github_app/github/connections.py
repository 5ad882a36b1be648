"""The App's conversations with one GitHub: its own, and one per installation."""

from __future__ import annotations

import threading

from github_app.github.auth import AppKey, InstallationKey, Scope, Tokens
from github_app.github.transport import Transport, Wire


class Connections:
    """One transport per installation, so that its limits are remembered in one place."""

    def __init__(self, wire: Wire, key: AppKey) -> None:
        self.app = Transport(wire, key)
        self._wire = wire
        self._tokens = Tokens(self.app, wire.clock)
        self._lock = threading.Lock()
        self._transports: dict[int, Transport] = {}

    def installation(self, number: int) -> Transport:
        """The transport of an installation; the same one every time."""
        with self._lock:
            if number not in self._transports:
                self._transports[number] = Transport(self._wire, self.credentials(number))
            return self._transports[number]

    def credentials(self, number: int, repositories: tuple[int, ...] = ()) -> InstallationKey:
        """What Git fetches with; narrowed to some repositories (by id) where asked."""
        return InstallationKey(self._tokens, Scope(number, repositories))

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            transports = [self.app, *self._transports.values()]
        for transport in transports:
            transport.close()
