"""What comes behind the headers of an answer, as soon as it comes, and in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import requests
from urllib3.exceptions import HTTPError

from github_app.guarded_http.deadlines import Deadline
from plugin.errors import Temporary

_CHUNK = 256 * 1024


def come(
    got: requests.Response,
    time: timedelta,
    failed: Callable[[Exception | None], Temporary],
    *,
    unpacked: bool,
) -> Iterator[bytes]:
    """What has come, as soon as it has: whoever sends little by little is noticed.

    Raises what `failed` makes of the error that broke it off, of None where the time was over.
    """
    # Without a connection everything was read already.
    deadline: Deadline | None = getattr(got.raw.connection, "deadline", None)
    within: AbstractContextManager[None] = deadline.within(time) if deadline else nullcontext()
    with within:
        try:
            while piece := got.raw.read1(_CHUNK, decode_content=unpacked):
                yield piece
        except (HTTPError, OSError) as error:
            raise failed(None if deadline and deadline.passed else error) from error
    # A socket that was shut down looks like a body at its end.
    if deadline and deadline.passed:
        raise failed(None)
