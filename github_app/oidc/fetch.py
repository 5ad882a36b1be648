"""Small documents over HTTP: bounded in size and time, never redirected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import requests

from github_app.guarded_http.client import Bound, GuardedHttp, Patience
from github_app.guarded_http.reach import Reach
from plugin.errors import Temporary

MOST = 256 * 1024
"""How many bytes a document may have."""
_SMALL = Bound(MOST, f"gives more than {MOST} bytes")
_PATIENCE = Patience(connect=3, read=3, body=timedelta(seconds=5))


def document(address: str, clock: Callable[[], datetime]) -> bytes:
    """The body at `address`: 256 KiB at most, in 5 seconds; raises Refusal and Temporary."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    ask = requests.Request("GET", address, headers)
    with requests.Session() as session:
        answer = GuardedHttp(session, Reach(), clock, _PATIENCE).read(ask, _SMALL, follow=False)
    if answer.status != 200:
        raise Temporary(f"{address} answers {answer.status}")
    return answer.body
