"""How long a host asks to be left alone; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

_BUSY = timedelta(seconds=30)
_LEAST = timedelta(seconds=1)
_MAX_WAIT = timedelta(hours=1)


def is_busy(status: int) -> bool:
    """Whether the answer means "later"."""
    return status in {408, 425, 429} or status >= 500


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """The wait asked for, in seconds or as a date, between a second and an hour; else 30 seconds.

    A date is held against the answer's own (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after).
    """
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return _bounded(int(text[:9]))
    try:
        dates = [parsedate_to_datetime(one) for one in (text, headers.get("Date", ""))]
        return _bounded((dates[0] - dates[1]).total_seconds())
    except (ValueError, TypeError):
        return _BUSY


def used_up(headers: Mapping[str, str]) -> timedelta | None:
    """How long nothing is left of what a registry grants, None if something is or it says nothing.

    Docker Hub's form is `ratelimit-remaining: 0;w=21600`: the window in seconds. When in it we may
    ask again is not said, so after an hour at most we see (https://docs.docker.com/docker-hub/usage/pulls/).
    """
    remaining, _, window = headers.get("RateLimit-Remaining", "").partition(";w=")
    if remaining.strip() != "0":
        return None
    return _bounded(int(window[:9])) if window.isdecimal() else _BUSY


def _bounded(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, _LEAST.total_seconds()), _MAX_WAIT.total_seconds()))
