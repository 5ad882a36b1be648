"""The port `Objects` over a mirror: what both a fetched mirror and a checkout can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from github_app.github.mirror.fetch import GitCredentials
from github_app.github.mirror.repository import Mirror
from github_app.github.mirror.values import Conflicts, Entry, EntryKind, Rewound
from github_app.ledger import BRANCH
from github_app.ports import RecordChange, TreeEntry

# Directories that are searched while the ones before are read; a search costs a process.
_TREES_AT_ONCE = 400
_EVERY_RECORD = 1_000_000


@dataclass(slots=True)
class MirrorObjects:
    """One repository's objects; `default` is the name of its default branch."""

    mirror: Mirror
    default: str
    _heads: Mapping[str, str] = field(default_factory=dict)

    def fetch(self) -> str | None:
        """Read the branches as they are in the repository at hand."""
        self._heads = self.mirror.branches()
        return None

    def fetch_pull(self, number: int) -> None:
        """Nothing more is to be had where nothing is fetched from."""

    def default_branch(self) -> str:
        """The branch that GitHub names as the default, as last listed."""
        return self.default

    def branch(self, name: str) -> str | None:
        """The tip of a branch as last fetched."""
        return self._heads.get(name)

    def has(self, oid: str) -> bool:
        """Whether the object is here."""
        return self.mirror.has(oid)

    def files(self, commit: str, under: str) -> Sequence[TreeEntry]:
        """Every file of the commit's tree below a directory ('' is the root)."""
        found = self.mirror.tree(commit, under)
        return [_entry(one.path, one) for one in found]

    def directories(self, commit: str, paths: Iterable[str]) -> Mapping[str, str]:
        """The tree ids of those of these directories that the commit has ('' is the root)."""
        wanted = list(paths)
        top = self.mirror.commit(commit).tree
        below = self.mirror.entries({top: [one for one in wanted if one]})[top]
        found = {path: one.oid for path, one in below.items() if one.kind is EntryKind.TREE}
        return {**found, "": top} if "" in wanted else found

    def find(
        self, wanted: Mapping[str, Iterable[str]], words: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Sequence[TreeEntry]]]:
        """The files, by tree, that stand at its wanted paths or whose bytes hold one of the words.

        Trees come in parts: Git searches the next ones while the caller works on those.
        """
        rest = iter(wanted.items())
        parts = list(iter(lambda: dict(islice(rest, _TREES_AT_ONCE)), {}))
        beside = ThreadPoolExecutor(1)
        try:
            searches = [beside.submit(self._mentioning, part, words) for part in parts]
            for part, search in zip(parts, searches, strict=True):
                found = self.mirror.entries(part)
                more = self.mirror.entries(search.result())
                yield {tree: _files({**found[tree], **more.get(tree, {})}) for tree in part}
        finally:
            beside.shutdown(cancel_futures=True)

    def _mentioning(self, trees: Iterable[str], words: Sequence[str]) -> Mapping[str, list[str]]:
        return self.mirror.mentioning(trees, words) if words else {}

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of these blobs, without those that are too large to be read."""
        return self.mirror.readable(oids)

    def changed(self, old: str, new: str) -> Mapping[str, str | None]:
        """The paths that differ between two commits, with the blob in the new one."""
        return {
            one.path: one.after.oid if one.after else None for one in self.mirror.changes(old, new)
        }

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit where two histories parted."""
        return self.mirror.merge_base(one, other)

    def merged_tree(self, one: str, other: str) -> str | None:
        """The tree of a clean three-way merge of two commits, None on conflict."""
        match self.mirror.merge_tree(one, other):
            case Conflicts():
                return None
            case tree:
                return tree

    def tree(self, commit: str) -> str:
        """The commit's tree."""
        return self.mirror.commit(commit).tree

    def parents(self, commit: str) -> Sequence[str]:
        """The commit's parents, first parent first."""
        return self.mirror.commit(commit).parents

    def records(self, tip: str) -> Sequence[RecordChange]:
        """Every change of a record on the branch's first-parent line, oldest first."""
        newest_first = self.mirror.record_history(tip, limit=_EVERY_RECORD)
        return [
            RecordChange(one.commit, one.committed_at, one.path, one.blob)
            for one in reversed(newest_first)
        ]

    def author(self, tip: str, path: str) -> str:
        """Who changed `path` last, as the commit says."""
        return self.mirror.last_author(tip, path)


@dataclass(slots=True)
class FetchedObjects(MirrorObjects):
    """A repository on GitHub, fetched into its mirror with a token for it."""

    url: str = ""
    credentials: GitCredentials | None = None

    def fetch(self) -> str | None:
        """Bring every branch up to date; the reason if the ledger was rewound, else None."""
        fetched = self.mirror.fetch(self.url, self.credentials)
        self._heads = fetched.heads
        match fetched.ledger:
            case Rewound(old, new):
                return _rewound(old, new)
            case _:
                return None

    def fetch_pull(self, number: int) -> None:
        """Bring the head of a pull request, wherever it comes from."""
        self.mirror.fetch(self.url, self.credentials, (number,))


def _files(found: Mapping[str, Entry]) -> Sequence[TreeEntry]:
    return [_entry(path, one) for path, one in found.items() if one.kind is not EntryKind.TREE]


def _entry(path: str, found: Entry) -> TreeEntry:
    executable = found.kind is EntryKind.EXECUTABLE
    return TreeEntry(path, found.oid, found.kind.is_file, executable)


def _rewound(old: str, new: str | None) -> str:
    what = f"stands at {new}, which does not continue" if new else "was deleted at"
    return (
        f"branch {BRANCH} {what} {old}, the last tip Towline saw: nothing is promoted. "
        f"Restore it with 'git push --force origin {old}:refs/heads/{BRANCH}' and protect it"
    )
