"""The two errors of Towline: a person must change something, or the world was busy."""

from __future__ import annotations

from datetime import timedelta


class Refusal(Exception):
    """A person must change something; the text is the whole message: where, what, what to do."""


class Temporary(Exception):
    """Nothing is wrong, but the work must be tried again after `after`."""

    def __init__(self, text: str, after: timedelta = timedelta(seconds=5)) -> None:
        super().__init__(text)
        self.after = after
