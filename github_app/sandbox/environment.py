"""A place where things are deployed to; the first deployment that names it makes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Environment:
    """By its name; two names that differ in case alone are one environment."""

    id: int
    name: str
    created_at: datetime
