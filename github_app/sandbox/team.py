"""A team of an organization: who is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

TeamRole = Literal["member", "maintainer"]


@dataclass(frozen=True, slots=True)
class Team:
    """`members` are logins in lower case, with what each is in the team."""

    id: int
    organization: str
    slug: str
    name: str
    members: Mapping[str, TeamRole] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`organization/slug`, as CODEOWNERS names it behind an @."""
        return f"{self.organization}/{self.slug}"

    def has(self, login: str) -> bool:
        """Whether a person is in it."""
        return login.lower() in self.members
