"""What came of a round's actions, for logs, metrics and the next look. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from github_app.actions import Proposal


@dataclass(frozen=True, slots=True)
class Opened:
    """A new promotion pull request."""

    proposal: Proposal
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Updated:
    """An open promotion pull request that carries other freight or stands on a newer base."""

    proposal: Proposal
    number: int


@dataclass(frozen=True, slots=True)
class Merged:
    """A pull request that we merged: its head branch, and the commit that it became."""

    head: str
    commit: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something GitHub refused; `blocked` where only a person or time can change that."""

    what: str
    blocked: bool = False


Event: TypeAlias = Opened | Updated | Merged | Trouble


@dataclass(slots=True)
class Applied:
    """What came of a round's actions."""

    events: list[Event] = field(default_factory=list)

    def merged(self) -> bool:
        """Whether a base branch moved, so that another look is due at once."""
        return any(isinstance(one, Merged) for one in self.events)

    def troubles(self) -> tuple[Trouble, ...]:
        """What must be tried again."""
        return tuple(one for one in self.events if isinstance(one, Trouble) and not one.blocked)
