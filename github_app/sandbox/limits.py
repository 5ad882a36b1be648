"""The primary rate limit: so many requests an hour and caller, REST and GraphQL apart.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from datetime import datetime, timedelta

from github_app.sandbox.content_limit import ContentLimit
from github_app.sandbox.refused import Refused
from github_app.sandbox.world import World

WINDOW = timedelta(hours=1)


class Limits:
    """What each caller has used of its hour."""

    def __init__(self, world: World, limit: int) -> None:
        self._world = world
        self.limit = limit
        self.content = ContentLimit(world.now)
        self._used: dict[tuple[str, str], tuple[datetime, int]] = {}

    def spend(self, caller: str, resource: str, points: int = 1) -> dict[str, str]:
        """The headers that tell what is left.

        Raises Refused (403) with the same headers when nothing is.
        """
        reset, used = self.state(caller, resource)
        self._used[(caller, resource)] = (reset, used + points)
        left = max(0, self.limit - used - points)
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used": str(used + points),
            "X-RateLimit-Reset": str(int(reset.timestamp())),
            "X-RateLimit-Resource": resource,
        }
        if used + points > self.limit:
            text = f"API rate limit exceeded for {caller}."
            raise Refused(403, text, kind="RATE_LIMITED", headers=headers)
        return headers

    def state(self, caller: str, resource: str) -> tuple[datetime, int]:
        """When the caller's hour ends, and what is used of it."""
        now = self._world.now()
        reset, used = self._used.get((caller, resource), (now + WINDOW, 0))
        return (reset, used) if now < reset else (now + WINDOW, 0)
