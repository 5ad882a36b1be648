"""Times as the ledger and the pull requests write them."""

from __future__ import annotations

from datetime import UTC, datetime


def time_text(at: datetime) -> str:
    """`at` in UTC to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of(text: str) -> datetime:
    """The time that `time_text` wrote; raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)
