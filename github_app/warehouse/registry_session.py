"""One session for all registries: whom we believe to be who they are."""

from __future__ import annotations

import ssl
from pathlib import Path

import requests

from github_app.guarded_http.connections import connections
from plugin.errors import Refusal


def registry_session(authorities: Path | None = None) -> requests.Session:
    """A session with at most four connections to a host, for many threads; raises Refusal.

    `authorities` is a PEM file of certificates that are believed beside the usual ones.
    """
    session = requests.Session()
    connections(session, _context(authorities))
    return session


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
