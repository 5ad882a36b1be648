"""What a webhook's body is made from: a happening, in its repository and world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from github_app.sandbox.git_store import GitStore
from github_app.sandbox.rest.shapes import Urls
from github_app.sandbox.state import Repository
from github_app.sandbox.world import Happening, World

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class View:
    """All that a payload is made from."""

    world: World
    urls: Urls
    repo: Repository
    happening: Happening

    @property
    def git(self) -> GitStore:
        """The repository's objects."""
        return self.world.git(self.repo)

    def subject(self, kind: type[Value]) -> Value:
        """What it happened to."""
        return _typed(self.happening.subject, kind)

    def detail(self, name: str, kind: type[Value]) -> Value:
        """What else belongs to it."""
        return _typed(self.happening.detail[name], kind)


def _typed(value: object, kind: type[Value]) -> Value:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not a {kind.__name__}")
    return value
