"""What branches may demand: classic protection, and rulesets with who may pass them by.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

MergeMethod = Literal["merge", "squash", "rebase"]
ALL_METHODS: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check or status that must be green; `app_id` pins it to the one App that may report it."""

    context: str
    app_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueRule:
    """Merges go through a queue; minutes, and entries worked on or merged at a time."""

    method: MergeMethod = "merge"
    timeout: int = 60
    most_to_build: int = 5
    most_to_merge: int = 5


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """Changes come by pull request, with these reviews and merge methods."""

    count: int = 0
    code_owners: bool = False
    dismiss_stale: bool = False
    last_push: bool = False
    methods: tuple[MergeMethod, ...] = ALL_METHODS


@dataclass(frozen=True, slots=True)
class Protection:
    """Branch protection: what a merge needs, and whether administrators need it too."""

    required_checks: tuple[RequiredCheck, ...] = ()
    strict: bool = False
    required_reviews: int = 0
    allow_force: bool = False
    enforce_admins: bool = True
    # Logins of those who may dismiss reviews; None: everybody who may write.
    dismissers: tuple[str, ...] | None = None
    code_owners: bool = False
    dismiss_stale: bool = False
    last_push: bool = False
    queue: QueueRule | None = None


@dataclass(frozen=True, slots=True)
class Bypass:
    """Who may pass a ruleset by: an App's, person's or role's id; `mode` where.

    Roles have the numbers 2 (maintain), 4 (write) and 5 (admin).
    """

    kind: Literal["Integration", "RepositoryRole", "User"]
    id: int
    mode: Literal["always", "pull_request"] = "always"


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Rules for the branches that match; `id` is given when it is added to a repository.

    `branches` and `excluded` are patterns of full ref names, `~ALL` or `~DEFAULT_BRANCH`.
    """

    name: str
    branches: tuple[str, ...] = ("~DEFAULT_BRANCH",)
    excluded: tuple[str, ...] = ()
    enforcement: Literal["active", "evaluate", "disabled"] = "active"
    bypass: tuple[Bypass, ...] = ()
    deletion: bool = False
    non_fast_forward: bool = False
    required_checks: tuple[RequiredCheck, ...] = ()
    strict: bool = False
    reviews: ReviewRule | None = None
    queue: QueueRule | None = None
    id: int = 0

    def covers(self, branch: str, default: str) -> bool:
        """Whether the rules hold for a branch, which need not exist."""
        ref = f"refs/heads/{branch}"
        hit = any(_matches(pattern, ref, default) for pattern in self.branches)
        return hit and not any(_matches(pattern, ref, default) for pattern in self.excluded)


def _matches(pattern: str, ref: str, default: str) -> bool:
    if pattern == "~ALL":
        return True
    if pattern == "~DEFAULT_BRANCH":
        return ref == f"refs/heads/{default}"
    return re.fullmatch(_expression(pattern), ref) is not None


def _expression(pattern: str) -> str:
    """Ruby's `fnmatch` with FNM_PATHNAME: a star stops at slashes, `**/` does not."""
    pieces = re.split(r"(\*\*/|\*|\?)", pattern)
    words = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
    return "".join(words.get(piece, re.escape(piece)) for piece in pieces)
