"""Head branches whose pull request is over are deleted: ours, and where nobody needs them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from github_app.actions import DeleteBranch
from github_app.picture import LinePicture
from github_app.pulls import Closer, PullRequest, PullState
from github_app.rules.decision import Decision, Promote

REGRET = timedelta(days=1)
"""How long somebody who closed a promotion may open it again: that needs its branch."""
TRIES = timedelta(days=1)
"""How long deletion is tried where GitHub refuses it; the next promotion can use the branch."""


def deleted_head(line: LinePicture, decision: Decision, now: datetime) -> Iterator[DeleteBranch]:
    """The deletion of the line's head branch, if it is only left over.

    What the closed pull request carried is read from GitHub's own ref of it.
    """
    head, last = line.head, line.last
    if head is None or last is None or line.open is not None or last.head_oid != head.oid:
        return
    ours = head.ours or last.state is PullState.MERGED
    if ours and not isinstance(decision, Promote) and _is_due(last, now):
        yield DeleteBranch(last.head, head.oid)


def closed_head(line: LinePicture) -> Iterator[DeleteBranch]:
    """The deletion of the head of the pull request that this round closes, if it is all ours."""
    head, pull = line.head, line.open
    if head is not None and pull is not None and head.ours and head.oid == pull.head_oid:
        yield DeleteBranch(pull.head, head.oid)


def _is_due(last: PullRequest, now: datetime) -> bool:
    if last.closed_at is None:
        return False
    regrets = last.closed_by is Closer.PERSON and last.state is PullState.CLOSED
    due = last.closed_at + (REGRET if regrets else timedelta(0))
    return due <= now <= due + TRIES
