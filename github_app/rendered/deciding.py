"""What of a commit decides a render, so that a commit elsewhere costs one question."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from github_app.github.mirror import Entry, Mirror
from plugin.inputs.closure import Closure

# Git may change line ends on the way to disk where one of these says so.
_ATTRIBUTES = ".gitattributes"


@dataclass(frozen=True, slots=True)
class Deciding:
    """Paths of a tree, and what stood there: a tree with the same there renders the same."""

    paths: frozenset[str]
    found: Mapping[str, Entry]

    @classmethod
    def of(cls, closures: Iterable[Closure], mirror: Mirror, tree: str) -> Deciding | None:
        """What the closures asked of `tree`; None where something else decided, too."""
        known = list(closures)
        if not all(one.certain for one in known):
            return None
        asked = {os.fsdecode(question[1:]) for one in known for question in one.questions}
        paths = frozenset(_with_attributes(asked))
        # The root is no entry of itself.
        return None if "" in asked else cls(paths, _entries(mirror, tree, paths))

    def holds(self, mirror: Mirror, tree: str) -> bool:
        """Whether the same stands there in another tree."""
        return self.found == _entries(mirror, tree, self.paths)


def _entries(mirror: Mirror, tree: str, paths: Iterable[str]) -> Mapping[str, Entry]:
    return mirror.entries({tree: paths})[tree]


def _with_attributes(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield path
        while path:
            path = path.rpartition("/")[0]  # noqa: PLW2901 - upwards to the root
            yield f"{path}/{_ATTRIBUTES}" if path else _ATTRIBUTES
