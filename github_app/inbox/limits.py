"""How much an inbox takes, for how long it lends work, and how much of it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from plugin.errors import Refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a lease lasts, how often work is tried, how many bytes the file may have.

    A lease outlives any round: it only matters if a worker hangs, for a restart ends them all.
    `share` is how many rows one source may have and `share_bytes` how many bytes in them: about a
    sixth of the file each, so that no sender fills it for the others. `together` rows of one key
    are claimed at a time, or fewer, so that their distinct events are read from `together_bytes`
    of text. `patience` with a visitor's lock stays well below the 10 seconds GitHub waits for an
    answer.
    """

    lease: timedelta = timedelta(minutes=10)
    attempts: int = 12
    size: int = 1 << 30
    share: int = 250_000
    share_bytes: int = (1 << 30) // 6
    together: int = 10_000
    together_bytes: int = 1 << 20
    patience: timedelta = timedelta(seconds=2)

    def __post_init__(self) -> None:
        counts = (self.attempts, self.size, self.share, self.share_bytes, self.together)
        if self.lease <= timedelta(0) or min(*counts, self.together_bytes) < 1:
            raise Refusal("an inbox needs a lease, at least one attempt and some space")
