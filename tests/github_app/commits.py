"""A few commits in memory, behind the port that reads Git objects."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from github_app.ports import RecordChange, TreeEntry


@dataclass(slots=True)
class Commits:
    """Commits by name: their parents and whole trees; a blob's id is its content."""

    parents_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trees: dict[str, dict[str, str]] = field(default_factory=dict)
    too_large: set[str] = field(default_factory=set)

    def add(self, oid: str, parents: Sequence[str], **files: str) -> None:
        """A commit with exactly these files."""
        self.parents_of[oid] = tuple(parents)
        self.trees[oid] = {path.replace("__", "/"): text for path, text in files.items()}

    def _history(self, oid: str) -> list[str]:
        found = [oid]
        for one in found:
            found += [parent for parent in self.parents_of[one] if parent not in found]
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        mine = self._history(one)
        return next((oid for oid in self._history(other) if oid in mine), None)

    def changed(self, old: str, new: str) -> Mapping[str, str | None]:
        before, after = self.trees[old], self.trees[new]
        paths = {*before, *after}
        return {path: after.get(path) for path in paths if before.get(path) != after.get(path)}

    def merged_tree(self, one: str, other: str) -> str | None:
        base = self.merge_base(one, other)
        assert base is not None
        merged = {**self.trees[one]}
        for path, text in self.changed(base, other).items():
            if text is None or self.trees[one].get(path) != self.trees[base].get(path):
                return None
            merged[path] = text
        return self._tree_id(merged)

    def tree(self, commit: str) -> str:
        return self._tree_id(self.trees[commit])

    def _tree_id(self, tree: Mapping[str, str]) -> str:
        return repr(sorted(tree.items()))

    def parents(self, commit: str) -> Sequence[str]:
        return self.parents_of[commit]

    def files(self, commit: str, under: str) -> Sequence[TreeEntry]:
        entries = self.trees[commit].items()
        return [TreeEntry(path, text, True) for path, text in entries if path.startswith(under)]

    def directories(self, commit: str, paths: Iterable[str]) -> Mapping[str, str]:
        below = {path: self._below(self.trees[commit], path) for path in paths}
        return {path: self._tree_id(files) for path, files in below.items() if files}

    def _below(self, tree: Mapping[str, str], path: str) -> Mapping[str, str]:
        start = f"{path}/" if path else ""
        return {
            one.removeprefix(start): text for one, text in tree.items() if one.startswith(start)
        }

    def find(
        self, wanted: Mapping[str, Iterable[str]], words: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Sequence[TreeEntry]]]:
        yield {
            tree: [
                TreeEntry(path, text, True)
                for path, text in literal_eval(tree)
                if path in paths or any(one in text for one in words)
            ]
            for tree, paths in ((tree, set(paths)) for tree, paths in wanted.items())
        }

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        return {oid: oid.encode() for oid in oids if oid not in self.too_large}

    def fetch(self) -> str | None:
        return None

    def default_branch(self) -> str:
        return "main"

    def branch(self, name: str) -> str | None:
        return name if name in self.trees else None

    def has(self, oid: str) -> bool:
        return oid in self.trees

    def fetch_pull(self, number: int) -> None:
        raise AssertionError(f"nobody asks for #{number} here")

    def records(self, tip: str) -> Sequence[RecordChange]:
        return ()

    def author(self, tip: str, path: str) -> str:
        return ""
