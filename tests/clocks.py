"""Clocks that go only where a test moves them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


@dataclass
class Clock:
    """What time it is; with a `step`, that much later each time somebody asks."""

    now: datetime = START
    step: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now

    def passes(self, **time: float) -> None:
        """Time goes by."""
        self.now += timedelta(**time)


@dataclass
class Seconds:
    """Seconds since whenever, as `time.monotonic` counts them."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now
