"""What GitHub does that no schema shows, and which test holds the stand-in to it.

Some rows rest on what users of GitHub reported, not on its documentation; `certain` says so.
"""

from __future__ import annotations

from github_app.sandbox.behaviour import calls, merging, pulls, queue, reviews, rules
from github_app.sandbox.behaviour.row import Behaviour

TABLE: tuple[Behaviour, ...] = (
    *calls.ROWS,
    *pulls.ROWS,
    *merging.ROWS,
    *reviews.ROWS,
    *rules.ROWS,
    *queue.ROWS,
)

__all__ = ["TABLE", "Behaviour"]
