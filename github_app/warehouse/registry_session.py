"""Connections to registries: few at once, used again, and whom we believe to be who they are."""

from __future__ import annotations

import ssl
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from plugin.errors import Refusal

_AT_ONCE = 4
_HOSTS = 50


def registry_session(authorities: Path | None = None) -> requests.Session:
    """A session with at most four connections to a host, for many threads; raises Refusal.

    A connection that breaks before anything is answered is tried once more. `authorities` is a
    PEM file of certificates that are believed beside the usual ones. Cookies are refused.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    context = _context(authorities)
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Connections(context))
    return session


class _Connections(HTTPAdapter):
    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        again = Retry(
            total=1,
            connect=0,
            read=1,
            redirect=0,
            status=0,
            other=0,
            allowed_methods={"GET", "HEAD"},
            respect_retry_after_header=False,
        )
        super().__init__(_HOSTS, _AT_ONCE, max_retries=again, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Our certificates for every host."""
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Our certificates through a proxy, too."""
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context)


def _context(authorities: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities is not None:
        try:
            context.load_verify_locations(cafile=authorities)
        except OSError as error:  # ssl.SSLError is one
            raise Refusal(
                f"{authorities} is not a file of certificate authorities in PEM form: "
                f"{error.strerror or error}"
            ) from error
    return context
