"""A pull request as GitHub shows it, with its reviews, comments and our checks. Values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Closer(enum.Enum):
    """Who closed a pull request without merging it; only a person's closing is a rejection."""

    PERSON = "person"
    APP = "app"
    GITHUB = "github"


class PullState(enum.Enum):
    """The state GitHub gives a pull request."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


@dataclass(frozen=True, slots=True)
class PostedCheck:
    """A check run of ours as it stands on a head: its node id and the key of its content."""

    node: str
    key: str


@dataclass(frozen=True, slots=True)
class Review:
    """What one person last decided on a pull request, looking at the commit `oid`.

    Not `approved` means that changes were requested. `may_push` says that the person may push to
    the repository; `teams` ("org/slug") are those in whose name GitHub counts the review.
    """

    node: str
    author: str
    approved: bool
    oid: str
    at: datetime
    may_push: bool = False
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A comment on a pull request; `reacted` says that the App has put its reaction to it."""

    node: str
    author: str
    bot: bool
    text: str
    at: datetime
    edited: bool = False
    reacted: bool = False


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub shows it; nothing in it but facts GitHub vouches for is believed.

    `conflicting`, `behind` and `blocked` (by what the base's rules require) are GitHub's words on
    whether it can be merged; `ours` says that the App opened it from a branch of this repository
    below `towline/`. `check` and `diff` are our two checks on its head, `queued` says that it
    waits in the base's merge queue, and `comments` are the last ones. `foreign` says of a closed
    one that what stands on its head is not, or not only, ours.
    """

    node: str
    number: int
    url: str
    state: PullState
    title: str
    body: str
    draft: bool
    head: str
    head_oid: str
    base: str
    created_at: datetime
    ours: bool
    fork: bool = False
    conflicting: bool = False
    behind: bool = False
    blocked: bool = False
    auto_merge: bool = False
    closed_by: Closer | None = None
    closer: str = ""
    closed_at: datetime | None = None
    merge_commit: str | None = None
    labels: tuple[str, ...] = ()
    check: PostedCheck | None = None
    diff: PostedCheck | None = None
    head_at: datetime | None = None
    reviews: tuple[Review, ...] = ()
    comments: tuple[Said, ...] = ()
    queued: bool = False
    foreign: bool = False
