"""The time that somebody says something was made; pure."""

from __future__ import annotations

from datetime import UTC, datetime


def said_time(text: object) -> datetime | None:
    """An RFC 3339 time, in UTC; None if it is none or names no zone, and for Go's year 1."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo and time.year > 1 else None
    except (ValueError, OverflowError):
        return None
