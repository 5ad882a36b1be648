"""The demo's words on a terminal: one calm line for each thing that happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

_BOLD, _DIM, _GREEN, _YELLOW = "1", "2", "32", "33"
_CLEAR = "\r\x1b[2K"


@dataclass(slots=True)
class Screen:
    """Writes to `stream`; `live` is a terminal that takes colours and lines written twice."""

    stream: TextIO
    live: bool
    _pending: bool = False

    @classmethod
    def on(cls, stream: TextIO, environ: Mapping[str, str]) -> Screen:
        """Colours on a terminal only, and not where NO_COLOR (https://no-color.org) is set."""
        wanted = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        return cls(stream, stream.isatty() and wanted)

    def heading(self, text: str) -> None:
        """A line that opens a part."""
        self.say("")
        self.say(self._in(_BOLD, text))

    def waiting(self, text: str) -> None:
        """What is being waited for; the next line takes its place. Nothing in a file."""
        if self.live:
            self.clear()
            self.stream.write(self._in(_DIM, f"            {text} ..."))
            self.stream.flush()
            self._pending = True

    def done(self, seconds: float, text: str, *more: str) -> None:
        """Something happened after so many seconds; `more` stands below it, small."""
        self.happened(f"{seconds:6.2f} s", text, *more)

    def happened(self, when: str, text: str, *more: str) -> None:
        """Something happened; `when` is eight characters wide."""
        self.say(f"  {self._in(_GREEN, when)}  {text}")
        for line in more:
            self.also(line)

    def also(self, text: str) -> None:
        """More of what has just happened, small."""
        self.say(f"            {self._in(_DIM, text)}")

    def pairs(self, entries: Mapping[str, str]) -> None:
        """Names and what belongs to them, in two columns."""
        width = max(len(name) for name in entries)
        for name, text in entries.items():
            self.say(f"  {name.ljust(width)}  {text}")

    def warn(self, text: str) -> None:
        """Something a person should know."""
        self.say(f"            {self._in(_YELLOW, text)}")

    def say(self, text: str) -> None:
        """A line as it is."""
        self.clear()
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def clear(self) -> None:
        """Take away the line that waits, so that others may write to the terminal."""
        if self._pending:
            self.stream.write(_CLEAR)
            self.stream.flush()
            self._pending = False

    def _in(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.live else text
