"""Connections to the very addresses that were found harmless: few at once, and used again.

A name is looked up once for each connection: what is checked is what is connected to, so no name
can lead elsewhere between the two (DNS rebinding).
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError
from urllib3.util import Retry

from github_app.guarded_http.reach import Zone, addresses_of, zone
from github_app.guarded_http.timed import Timed, timed
from plugin.errors import Refusal

_AT_ONCE = 4
_HOSTS = 50


class _Checked(Timed):
    """A connection no deeper into our network than `deepest`; it lies in `zone`, once it stands."""

    deepest = Zone.PUBLIC
    zone: Zone | None = None

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        found = tuple(addresses_of(name.strip("[]")))
        for address in found:
            if zone(address) > self.deepest:
                raise Refusal(
                    f"{self.host} lies at {address}: nobody leads us inside our own network"
                )
        failure: ConnectTimeoutError = NameResolutionError(self.host, self, socket.gaierror())
        for address in found:
            self._dns_host, self.zone = str(address), zone(address)
            try:
                return super()._new_conn()
            except ConnectTimeoutError as error:
                failure = error
            finally:
                self._dns_host = name
        raise failure


class _WithinZone(HTTPAdapter):
    """Connections within one zone and those around it. What goes through a proxy is its to check.

    A connection that breaks before anything is answered is tried once more.
    """

    def __init__(self, deepest: Zone, context: ssl.SSLContext | None) -> None:
        self._tls: dict[str, Any] = {"ssl_context": context} if context else {}
        rules: dict[str, Any] = {"connect": 0, "read": 1, "redirect": 0, "status": 0, "other": 0}
        rules |= {"allowed_methods": {"GET", "HEAD"}, "respect_retry_after_header": False}
        super().__init__(_HOSTS, _AT_ONCE, max_retries=Retry(1, **rules), pool_block=True)
        self.poolmanager.pool_classes_by_scheme = {
            "http": timed(HTTPConnectionPool, _Checked, deepest=deepest),
            "https": timed(HTTPSConnectionPool, _Checked, deepest=deepest),
        }

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Our certificates for every host, through a proxy, too."""
        host, tls = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, tls | self._tls

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:
        """The connections through a proxy, which end in time, too."""
        manager = super().proxy_manager_for(proxy, **how)
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {one: timed(pool) for one, pool in pools.items()}
        return manager


class Connections(BaseAdapter):
    """Connections for each zone, apart: one that was made for a private host serves no stranger."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__()
        self._within = {one: _WithinZone(one, context) for one in Zone if one < Zone.FORBIDDEN}

    def send(  # type: ignore[override]  # the base's parameters and one more
        self, request: requests.PreparedRequest, *, deepest: Zone = Zone.PUBLIC, **how: Any
    ) -> requests.Response:
        """The answer of a host no deeper than `deepest`, unread and whatever it is."""
        return self._within[deepest].send(request, **how)

    def close(self) -> None:
        """Close all of them."""
        for one in self._within.values():
            one.close()


def connections(session: requests.Session, context: ssl.SSLContext | None = None) -> Connections:
    """The session's connections; where it has others than ours, ours take their place.

    `context` says which certificates are believed, None: those that `requests` believes.
    """
    found = session.get_adapter("https://")
    if not isinstance(found, Connections):
        found = Connections(context)
        session.mount("https://", found)
        session.mount("http://", found)
    return found


def nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No login; said, or `requests` would look for one in a .netrc file."""
    return request
