"""A reaction to a comment, and the eight there are.

https://docs.github.com/rest/reactions/reactions#about-reactions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

# REST's word -> GraphQL's.
CONTENTS: Mapping[str, str] = {
    "+1": "THUMBS_UP",
    "-1": "THUMBS_DOWN",
    "laugh": "LAUGH",
    "hooray": "HOORAY",
    "confused": "CONFUSED",
    "heart": "HEART",
    "rocket": "ROCKET",
    "eyes": "EYES",
}


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody's reaction to a comment; `content` is REST's word."""

    id: int
    comment: int
    author: str
    content: str
    created_at: datetime
