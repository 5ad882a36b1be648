"""What of a commit decides a render, so that a commit elsewhere costs one question."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from github_app.github.mirror import Entry, EntryKind, Mirror
from plugin.inputs.answers import ALL, NAMES
from plugin.inputs.closure import Closure

# Git may change line ends on the way to disk where one of these says so.
_ATTRIBUTES = ".gitattributes"
_WHOLE = (NAMES, ALL)


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a render asked of a tree, and the answers: a tree with the same ones renders the same.

    `whole` are directories of which everything counts, `paths` whatever else was looked at.
    """

    paths: frozenset[str]
    whole: frozenset[str]
    found: Mapping[str, Entry | EntryKind]

    @classmethod
    def of(cls, closures: Iterable[Closure], mirror: Mirror, tree: str) -> Deciding | None:
        """What the closures asked of `tree`; None where something else decided, too."""
        known = list(closures)
        if not all(one.certain for one in known):
            return None
        questions = [question for one in known for question in one.questions]
        whole = frozenset(os.fsdecode(one[1:]) for one in questions if one[:1] in _WHOLE)
        every = frozenset(os.fsdecode(one[1:]) for one in questions)
        if "" in whole:
            return None  # everything decides: no commit would be elsewhere
        paths = frozenset(_with_attributes(every - {""}))
        return cls(paths, whole, _found(mirror, tree, paths, whole))

    def holds(self, mirror: Mirror, tree: str) -> bool:
        """Whether another tree answers the same."""
        return self.found == _found(mirror, tree, self.paths, self.whole)


def _found(
    mirror: Mirror, tree: str, paths: Iterable[str], whole: frozenset[str]
) -> Mapping[str, Entry | EntryKind]:
    """A directory that was only passed through is the same with other files in it."""
    entries = mirror.entries({tree: paths})[tree]
    return {
        path: entry.kind if entry.kind is EntryKind.TREE and path not in whole else entry
        for path, entry in entries.items()
    }


def _with_attributes(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield path
        while path:
            path = path.rpartition("/")[0]  # noqa: PLW2901 - upwards to the root
            yield f"{path}/{_ATTRIBUTES}" if path else _ATTRIBUTES
