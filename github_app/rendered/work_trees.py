"""The directories in which stages are rendered, one for each repository that needs it lately."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from github_app.github.mirror import Mirror
from github_app.github.mirror.work_tree import WorkTree

# Each holds the files of a whole repository.
_MOST = 16


class WorkTrees:
    """Work trees below a directory that is ours; what an earlier process left there goes first."""

    def __init__(self, root: Path, mirror: Callable[[int], Mirror]) -> None:
        shutil.rmtree(root, ignore_errors=True)
        self._root = root
        self._mirror = mirror
        self._trees: OrderedDict[int, WorkTree] = OrderedDict()

    def of(self, repository: int) -> WorkTree:
        """The work tree of a repository, by GitHub's number for it."""
        if repository not in self._trees:
            place = self._root / f"{repository:d}"
            self._trees[repository] = self._mirror(repository).work_tree(place)
        self._trees.move_to_end(repository)
        while len(self._trees) > _MOST:
            self._trees.popitem(last=False)[1].forget()
        return self._trees[repository]
