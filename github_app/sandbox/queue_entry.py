"""A pull request's place in a merge queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Group:
    """The commit that would be the branch, made on top of `base`; checks were asked for `at`."""

    sha: str
    base: str
    branch: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """In the order of the queue; `head` is the pull request's own; no group while it waits."""

    id: int
    number: int
    branch: str
    by: str
    at: datetime
    head: str
    jump: bool = False
    group: Group | None = None
