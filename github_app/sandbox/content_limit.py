"""The secondary rate limit on content: so many pull requests, comments and reviews a minute.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from github_app.sandbox.refused import Refused

MINUTE = timedelta(minutes=1)
_TEXT = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content "
    "creation. Please retry your request again later."
)
# What triggers notifications; per request that asks for it.
ROUTES = (
    "/pulls",
    "/issues/<int:number>/comments",
    "/pulls/<int:number>/reviews",
    "/pulls/<int:number>/requested_reviewers",
)
MUTATIONS = frozenset({"addComment", "addPullRequestReview", "createPullRequest", "requestReviews"})


@dataclass(slots=True)
class _Caller:
    created: deque[datetime] = field(default_factory=deque)
    blocked_until: datetime | None = None


class ContentLimit:
    """Off until `per_minute` is set; `made` counts all content, `ignored` what came too early."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.per_minute: int | None = None
        self.block = MINUTE
        self.made = 0
        self.ignored = 0
        self._callers: dict[str, _Caller] = {}

    def spend(self, caller: str, count: int) -> None:
        """Nothing, if the caller may create that much now.

        Raises Refused (403) with Retry-After; asking before that is over counts as ignored.
        """
        if not count:
            return
        known, now = self._callers.setdefault(caller, _Caller()), self._now()
        if known.blocked_until is not None and now < known.blocked_until:
            self.ignored += 1
            raise _refusal(known.blocked_until - now)
        while known.created and known.created[0] <= now - MINUTE:
            known.created.popleft()
        if self.per_minute is not None and len(known.created) + count > self.per_minute:
            known.blocked_until = now + self.block
            raise _refusal(self.block)
        known.created.extend([now] * count)
        self.made += count


def _refusal(wait: timedelta) -> Refused:
    headers = {"Retry-After": str(max(1, int(wait.total_seconds())))}
    return Refused(403, _TEXT, headers=headers)
