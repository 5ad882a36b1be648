"""What a git command may cost, and the errors of those that cost more."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.errors import Refusal, Temporary

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a command may take, and how many bytes it may print, use and write.

    `memory` and `file` (bytes of each file it writes) hold on Linux alone; None: any number.
    """

    seconds: float = 120.0
    printed: int = 64 * MIB
    memory: int | None = 2048 * MIB
    file: int | None = None


class TooMuch(Refusal):
    """A command printed, wrote or used more than it may."""


class TooLong(Temporary):
    """A command took longer than it may."""


def amount(size: int) -> str:
    """Bytes as people read them."""
    return f"{size / MIB:,.0f} MiB" if size >= MIB else f"{size:,} bytes"
