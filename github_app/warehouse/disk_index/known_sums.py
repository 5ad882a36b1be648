"""What is known of images' checksums, and why some have none: each for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from github_app.warehouse.disk_index.fetching import Validators
from plugin.errors import Refusal, Temporary

# How long an answer holds: the bytes behind a version's address hardly ever change.
HOLDS = timedelta(hours=6)
MANY = 1000
_T = TypeVar("_T")


class State(NamedTuple):
    """What a server says of a file: equal states have equal bytes."""

    validators: Validators
    length: int | None


@dataclass(frozen=True, slots=True)
class Computed:
    """The checksum of the bytes behind an address, in the state they had at last at `at`."""

    address: str
    state: State
    checksum: str
    at: datetime


class KeptSums(Protocol):
    """Where what was computed outlives the process."""

    def read(self) -> tuple[Computed, ...]:
        """All that was written last."""

    def write(self, computed: tuple[Computed, ...]) -> None:
        """Keep these and no others; raises nothing, they can be computed again."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    until: datetime
    text: str
    refused: bool


class KnownSums:
    """Checksums that were read beside an image or computed; for many threads.

    At most a thousand of each are remembered: those that came last.
    """

    def __init__(self, clock: Callable[[], datetime], kept: KeptSums | None = None) -> None:
        self._clock = clock
        self._kept = kept
        self._lock = threading.Lock()
        self._said: dict[str, tuple[datetime, str]] = {}
        self._troubles: dict[str, _Trouble] = {}
        self._computed: dict[str, Computed] = {}
        for one in sorted(kept.read() if kept else (), key=lambda each: each.at):
            _put(self._computed, one.address, one)

    def check(self, url: str) -> None:
        """Nothing, if the image may be asked for; else raises Refusal or Temporary."""
        with self._lock:
            trouble, now = self._troubles.get(url), self._clock()
            if trouble is None or now >= trouble.until:
                self._troubles.pop(url, None)
                return
        if trouble.refused:
            raise Refusal(trouble.text)
        raise Temporary(trouble.text, trouble.until - now)

    def fresh(self, url: str) -> str | None:
        """The checksum, if it was true a short while ago."""
        with self._lock:
            at, checksum = self._said.get(url, (None, None))
            if at is not None and self._clock() - at < HOLDS:
                return checksum
            one = self._computed.get(url)
            return one.checksum if one and self._clock() - one.at < HOLDS else None

    def last(self, url: str) -> str | None:
        """The checksum, however long ago it was true."""
        with self._lock:
            computed, (_, said) = self._computed.get(url), self._said.get(url, (None, None))
            return said or (computed.checksum if computed else None)

    def computed(self, url: str) -> Computed | None:
        """What was computed last, and of which state."""
        with self._lock:
            return self._computed.get(url)

    def told(self, url: str, checksum: str) -> None:
        """A file beside the image says this."""
        with self._lock:
            _put(self._said, url, (self._clock(), checksum))

    def found(self, computed: Computed) -> None:
        """This was computed, or is true still."""
        with self._lock:
            self._said.pop(computed.address, None)
            _put(self._computed, computed.address, computed)
            self._keep()

    def forget(self, url: str) -> None:
        """The image is another one now."""
        with self._lock:
            known = (self._said.pop(url, None), self._computed.pop(url, None))
            if known[1] is not None:
                self._keep()

    def trouble(self, url: str, error: Refusal | Temporary, after: timedelta) -> None:
        """Say this to whoever asks, for so long, unless something is said for longer already."""
        one = _Trouble(self._clock() + after, str(error), isinstance(error, Refusal))
        with self._lock:
            before = self._troubles.get(url)
            if before is None or before.until < one.until:
                _put(self._troubles, url, one)

    def _keep(self) -> None:
        if self._kept is not None:
            self._kept.write(tuple(self._computed.values()))


def _put(there: dict[str, _T], key: str, value: _T) -> None:
    there.pop(key, None)
    there[key] = value
    if len(there) > MANY:
        del there[next(iter(there))]
