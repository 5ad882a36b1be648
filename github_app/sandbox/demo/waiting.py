"""Waiting for something to happen: not for ever, and with the App's last words if it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from plugin.errors import Refusal

_T = TypeVar("_T")
_LOOK_EVERY = 0.02
_LAST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for each thing, and what ends all waiting: `stop`, set by a signal."""

    clock: Callable[[], datetime]
    stop: threading.Event
    limit: timedelta
    log: Path

    def until(self, expected: str, look: Callable[[], _T | None]) -> _T:
        """What `look` finds.

        Raises Refusal when it finds nothing in time, and KeyboardInterrupt when `stop` is set.
        """
        deadline = self.clock() + self.limit
        while (found := look()) is None:
            if self.clock() > deadline:
                raise Refusal(self._too_late(expected))
            if self.stop.wait(_LOOK_EVERY):
                raise KeyboardInterrupt
        return found

    def _too_late(self, expected: str) -> str:
        lines = [f"{expected}: this did not happen in {self.limit.total_seconds():g} seconds"]
        words = list(last_words(self.log))
        if words:
            lines += ["The App's last words:", *(f"  {one}" for one in words)]
        return "\n".join(lines)


def last_words(log: Path) -> Iterator[str]:
    """The last lines of the App's log, for a person."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    for line in text.splitlines()[-_LAST_WORDS:]:
        yield _readable(line)


def _readable(line: str) -> str:
    try:
        fields = json.loads(line)
        told = f"{fields['time'][11:23]} {fields['level']} {fields['message']}"
    except (ValueError, KeyError, TypeError):
        return line
    cause = str(fields.get("exception", "")).strip().splitlines()
    return f"{told}: {cause[-1]}" if cause else told
