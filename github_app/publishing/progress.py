"""How far a long read or upload has come: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol, TextIO

_OFTEN = timedelta(milliseconds=100)
# A line that wraps could not be drawn again, and every terminal has 80 columns.
_COLUMNS, _WIDTH, _NAME = 79, 14, 28
_MIB = 1024 * 1024
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class Progress(Protocol):
    """Who is told what is done, one thing after the other.

    Bytes that are told before a beginning or after an end are too few to show.
    """

    def begin(self, what: str, total: int) -> None:
        """`what` begins, `total` bytes long; 0 where nobody knows."""

    def advance(self, count: int) -> None:
        """So many more bytes of it are done."""

    def end(self, outcome: str) -> None:
        """It is over, in a word or two."""

    def say(self, line: str) -> None:
        """Something worth knowing."""


class Silent:
    """Tells nobody."""

    def begin(self, what: str, total: int) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""

    def end(self, outcome: str) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""


class Lines:
    """A line when something begins and one when it is over."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._what = ""

    def begin(self, what: str, total: int) -> None:
        """Say what begins."""
        self._what = what
        self.say(f"{what}: {size(total)}" if total else f"{what} ...")

    def advance(self, count: int) -> None:
        """Nothing: lines cannot be taken back."""

    def end(self, outcome: str) -> None:
        """Say how it went."""
        self.say(f"{self._what}: {outcome}")

    def say(self, line: str) -> None:
        """Print the line."""
        print(line, file=self._stream, flush=True)


class Bar:
    """One line that is written again and again: what, how much of it, and how fast."""

    def __init__(self, stream: TextIO, clock: Callable[[], datetime]) -> None:
        self._stream = stream
        self._clock = clock
        self._what = ""
        self._done = self._total = 0
        self._since = self._drawn = clock()

    def begin(self, what: str, total: int) -> None:
        """Draw the empty bar."""
        self._what, self._done, self._total = what, 0, total
        self._since = self._clock()
        self._draw()

    def advance(self, count: int) -> None:
        """Draw the bar again, if there is one and a tenth of a second has gone by."""
        self._done += count
        if self._what and self._clock() - self._drawn >= _OFTEN:
            self._draw()

    def end(self, outcome: str) -> None:
        """Leave a line with the outcome in place of the bar."""
        self.say(f"{self._what}: {outcome}")
        self._what = ""

    def say(self, line: str) -> None:
        """Print the line, in place of the bar if there is one."""
        print(f"\r\x1b[K{line}", file=self._stream, flush=True)

    def _draw(self) -> None:
        self._drawn = self._clock()
        print(f"\r\x1b[K{self._line()}", end="", file=self._stream, flush=True)

    def _line(self) -> str:
        what = self._what[:_NAME]
        if not self._total:
            return f"{what} ..."
        share = min(self._done / self._total, 1)
        bar = ("#" * int(share * _WIDTH)).ljust(_WIDTH, ".")
        seconds = (self._drawn - self._since) / timedelta(seconds=1)
        speed = f"  {self._done / _MIB / seconds:.1f} MiB/s" if seconds > 0 else ""
        return f"{what}: [{bar}] {share:4.0%} of {size(self._total)}{speed}"[:_COLUMNS]


def size(count: int) -> str:
    """So many bytes for people."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{count / 1024**power:.1f} {_UNITS[power]}" if power else f"{count} B"
