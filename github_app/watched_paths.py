"""Warehouses that watch a directory of the default branch, with what its pins say there."""

from __future__ import annotations

from github_app.blob_text import blob_text
from github_app.ports import Objects
from github_app.remembering import Remembered
from plugin.held_in import HeldIn, held_in, missing, with_watched
from plugin.pipeline import Project
from plugin.stage_files import is_candidate
from plugin.subscriptions import PathSubscription

_MOST = 1000


class PathReader:
    """Reads directories, and remembers what they held by what never changes: their trees."""

    def __init__(self) -> None:
        self._known: Remembered[tuple[str, str], HeldIn] = Remembered(_MOST)

    def filled(self, project: Project, objects: Objects, commit: str) -> Project:
        """The project with its watched directories as the commit has them."""
        paths = [
            one.path
            for warehouse in project.warehouses
            for one in warehouse.subscriptions
            if isinstance(one, PathSubscription)
        ]
        if not paths:
            return project
        trees = objects.directories(commit, paths)
        return with_watched(
            project, lambda path: self._held(path, trees.get(path), objects, commit)
        )

    def _held(self, path: str, tree: str | None, objects: Objects, commit: str) -> HeldIn:
        if tree is None:
            return missing(path)
        key = (path, tree)
        if key in self._known:
            return self._known[key]
        return self._known.keep(key, held_in(path, _texts(path, objects, commit)))


def _texts(path: str, objects: Objects, commit: str) -> dict[str, str]:
    entries = {
        one.path: one.oid
        for one in objects.files(commit, path)
        if one.plain and is_candidate(path, one.path)
    }
    contents = objects.blobs(entries.values())
    texts = {}
    for name, blob in entries.items():
        # Whatever is too large or no text holds no pin that could be promoted from here.
        text = blob_text(contents.get(blob))
        if text is not None:
            texts[name] = text
    return texts
