"""A version that a source offers: what it is, since when, and what the source says about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugin.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Candidate:
    """One version a subscription may take.

    `created` is when its publisher says it was made, in an aware UTC time, None where nobody says.
    `facts` are what the source says besides, name to text, for people and their criteria.
    """

    artifact: Artifact
    created: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.created is not None and self.created.utcoffset() != timedelta(0):
            raise ValueError(f"{self.created!r} is not a UTC time")
