"""A bare mirror per repository: fetched on demand, read as Git objects, never checked out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from github_app.github.calls import CallCounter, Kind
from github_app.github.mirror import fetch as fetching
from github_app.github.mirror import grep, history, parsing, trees
from github_app.github.mirror.bounds import Bounds
from github_app.github.mirror.fetch import GitCredentials, TokenRefused
from github_app.github.mirror.git import Access, Git
from github_app.github.mirror.objects import ObjectReader
from github_app.github.mirror.values import (
    Change,
    Commit,
    Conflicts,
    Entry,
    EntryKind,
    Fetched,
    RecordChange,
    checked_oid,
)
from github_app.github.mirror.work_tree import WorkTree
from plugin.errors import Refusal, Temporary

_T = TypeVar("_T")
_PACKING = Bounds(seconds=600.0, memory=None)


class Mirror:
    """One repository's branches and objects; any thread may ask.

    Objects are named by id. One that is not here is Temporary: the mirror is behind, fetch it.
    """

    def __init__(self, git: Git, calls: CallCounter, largest: int) -> None:
        self._git = git
        self._calls = calls
        self._largest = largest
        self._objects = ObjectReader(git)
        self._fetching = threading.Lock()
        self._prepared = False

    def fetch(
        self, url: str, credentials: GitCredentials | None = None, pulls: Sequence[int] = ()
    ) -> Fetched:
        """The branches as they are on GitHub now, and the ledger's tip or that it was rewound.

        The token goes to git by its environment. A refused one is replaced once. Heads of pull
        requests named by number are fetched too, see `pull_head`.
        """
        with self._fetching:
            self._prepare()
            with fetching.exclusive(self._git.directory):
                return self._fetched(url, credentials, pulls)

    def _fetched(
        self, url: str, credentials: GitCredentials | None, pulls: Sequence[int]
    ) -> Fetched:
        if credentials is None:
            return self._fetch_once(Access(url), pulls)
        token = credentials.token()
        try:
            return self._fetch_once(Access(url, token), pulls)
        except TokenRefused:
            credentials.forget(token)
        return self._fetch_once(Access(url, credentials.token()), pulls)

    def _fetch_once(self, access: Access, pulls: Sequence[int]) -> Fetched:
        self._calls.add(Kind.GIT)
        return fetching.fetch(self._git, access, pulls)

    def _prepare(self) -> None:
        if not self._prepared:
            self._git.directory.parent.mkdir(parents=True, exist_ok=True)
            with fetching.exclusive(self._git.directory):
                fetching.prepare(self._git)
            self._prepared = True

    def pull_head(self, number: int) -> str | None:
        """The head of a pull request as it was when last fetched."""
        ref = f"refs/towline/pull/{number:d}"
        ran = self._git.run("rev-parse", "--quiet", "--verify", "--end-of-options", ref)
        return ran.out.decode().strip() or None

    def has(self, oid: str) -> bool:
        """Whether the object is here."""
        if not self._git.directory.is_dir():
            return False
        return self._objects.sizes([oid])[oid] is not None

    def blob(self, oid: str) -> bytes:
        """A file's bytes; a Refusal when there are more than the mirror's `largest`."""
        return self.blobs([oid])[oid]

    def blobs(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Many files' bytes by id, in few exchanges."""
        sizes = self._objects.sizes(oids)
        for oid, found in sizes.items():
            self._check_blob(oid, found)
        return self._raw(sizes)

    def readable(self, oids: Iterable[str]) -> dict[str, bytes]:
        """As `blobs`, but without those that are too large to be read, or no files."""
        sizes = {oid: _here(oid, found) for oid, found in self._objects.sizes(oids).items()}
        return self._raw(
            oid for oid, (kind, size) in sizes.items() if kind == "blob" and size <= self._largest
        )

    def _raw(self, oids: Iterable[str]) -> dict[str, bytes]:
        return {oid: _here(oid, found)[1] for oid, found in self._objects.contents(oids).items()}

    def _check_blob(self, oid: str, found: tuple[str, int] | None) -> None:
        kind, size = _here(oid, found)
        if kind != "blob":
            raise Refusal(f"{oid} is a {kind}, not a file")
        if size > self._largest:
            raise Refusal(f"{oid} has {size} bytes, Towline reads files up to {self._largest}")

    def read(self, commit: str, path: str) -> bytes | None:
        """The bytes of a file in a commit, None when there is nothing at its path."""
        return self.read_many(commit, [path])[path]

    def read_many(self, commit: str, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of many files of a commit; a link or directory among them is a Refusal."""
        found = {path: self.entry(commit, path) for path in dict.fromkeys(paths)}
        for entry in found.values():
            if entry is not None and not entry.kind.is_file:
                raise Refusal(f"{entry.path!r} in {commit} is a {entry.kind.name.lower()}")
        texts = self.blobs(entry.oid for entry in found.values() if entry is not None)
        return {path: texts[entry.oid] if entry else None for path, entry in found.items()}

    def entry(self, commit: str, path: str) -> Entry | None:
        """What stands at a path of a commit; links are not followed."""
        top = self.commit(commit).tree
        return self.entries({top: [path]})[top].get(path)

    def entries(self, wanted: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Entry]]:
        """What stands at paths of trees, by tree and path, in as many exchanges as levels.

        Paths are relative to their tree; links are not followed.
        """
        return trees.entries(self._trees, wanted)

    def mentioning(self, tops: Iterable[str], words: Sequence[str]) -> dict[str, list[str]]:
        """The paths, by tree, of the files below it that hold one of the words."""
        return grep.mentioning(self._git, tops, words)

    def tree(self, commit: str, under: str = "") -> tuple[Entry, ...]:
        """Every file, link and submodule below a directory; empty when there is no directory.

        Git holds no empty directories. Paths are relative to the top, not to `under`. Refusal
        where there are more than Towline reads.
        """
        at = self.entry(commit, under) if under else None
        if under and (at is None or at.kind is not EntryKind.TREE):
            return ()
        top = at.oid if at is not None else self.commit(commit).tree
        return trees.listed(self._git, top, under)

    def _trees(self, oids: Iterable[str]) -> dict[str, bytes]:
        contents = self._objects.contents(oids)
        return {oid: _of_kind("tree", oid, found) for oid, found in contents.items()}

    def commit(self, oid: str) -> Commit:
        """A commit's tree, parents, author, time and subject."""
        found = self._objects.contents([oid])[oid]
        return parsing.commit(oid, _of_kind("commit", oid, found))

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` continues `old` (or is it)."""
        return fetching.is_ancestor(self._git, checked_oid(old), checked_oid(new))

    def merge_base(self, one: str, other: str) -> str | None:
        """Where two commits parted, None when they have nothing in common."""
        return history.merge_base(self._git, one, other)

    def changes(self, before: str, after: str) -> tuple[Change, ...]:
        """Every path that differs between two commits or trees, with both sides."""
        return history.changes(self._git, before, after)

    def merge_tree(self, ours: str, theirs: str) -> str | Conflicts:
        """The tree of the merge of two commits, or where they conflict."""
        return history.merge_tree(self._git, ours, theirs)

    def record_history(
        self, tip: str, since: datetime | None = None, limit: int = 1000
    ) -> tuple[RecordChange, ...]:
        """What happened to records on the branch's own line, newest first; one git process."""
        return history.record_history(self._git, tip, since, limit)

    def last_author(self, tip: str, path: str) -> str:
        """Who the last commit that changed a path (or anything below it) says its author is."""
        return history.last_author(self._git, tip, path)

    def branches(self, below: str = "refs/heads/") -> dict[str, str]:
        """The branches as they are in this repository, name to commit."""
        return fetching.branches(self._git, below)

    def work_tree(self, place: Path) -> WorkTree:
        """A directory for this repository's trees; `place` is its own."""
        return WorkTree(self._git, place)

    def maintain(self) -> None:
        """Packs tidied; Git never does so by itself here, in the middle of a round."""
        with self._fetching:
            self._prepare()
            with fetching.exclusive(self._git.directory):
                self._git.output("gc", "--quiet", bounds=_PACKING)

    def rest(self) -> None:
        """Let go of the process that reads objects; the next question starts one."""
        self._objects.close()


def _here(oid: str, found: _T | None) -> _T:
    if found is None:
        raise Temporary(f"{oid} is not in the mirror: it must be fetched")
    return found


def _of_kind(kind: str, oid: str, found: tuple[str, bytes] | None) -> bytes:
    said, raw = _here(oid, found)
    if said != kind:
        raise Refusal(f"{oid} is a {said}, not a {kind}")
    return raw
