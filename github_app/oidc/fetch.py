"""Small documents over HTTP: bounded in size and time, never redirected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import requests

from plugin.errors import Temporary

MOST = 256 * 1024
"""How many bytes a document may have."""
_EACH = (3.0, 3.0)
_ALL = timedelta(seconds=5)


def document(address: str, clock: Callable[[], datetime]) -> bytes:
    """The body at `address`; raises Temporary if it is not had within 5 seconds and 256 KiB."""
    until = clock() + _ALL
    try:
        with requests.get(
            address,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=_EACH,
            stream=True,
            allow_redirects=False,
        ) as answer:
            if answer.status_code != 200:
                raise Temporary(f"{address} answers {answer.status_code}")
            return _body(answer, lambda: clock() > until)
    except requests.RequestException as error:
        raise Temporary(f"{address} does not answer: {type(error).__name__}") from None


def _body(answer: requests.Response, late: Callable[[], bool]) -> bytes:
    found = bytearray()
    # Larger pieces would wait for a sender that lets them drip.
    for piece in answer.iter_content(1):
        found += piece
        if len(found) > MOST:
            raise Temporary(f"{answer.url} gives more than {MOST} bytes")
        if late():
            raise Temporary(f"{answer.url} is too slow")
    return bytes(found)
