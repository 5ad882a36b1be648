"""One bare repository: objects, refs by compare-and-swap, and what only Git should compute.

All processes of the stand-in's Git side start here (and in `git_http`). Answers about commits
never change, so those that cost a process are remembered.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from github_app.sandbox.differences import FileChange, file_changes
from github_app.sandbox.objects import (
    Commit,
    Entry,
    Kind,
    parse_commit,
    parse_tree,
    read_object,
    tree_bytes,
    write_object,
)

ZERO = "0" * 40
SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/run/current-system/sw/bin"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_CONFIG = {
    "core.logAllRefUpdates": "false",
    # Pushed objects stay loose, so that they are read without a process.
    "receive.unpackLimit": "1000000",
    "receive.hideRefs": "refs/pull",
    "gc.auto": "0",
    "http.receivepack": "true",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
}


class Stale(Exception):
    """A ref was not where the caller expected it; nothing was moved."""


@dataclass(frozen=True, slots=True)
class RefMove:
    """A ref from one object to another; None stands for "does not exist"."""

    ref: str
    before: str | None
    after: str | None


class GitStore:
    """A bare repository in `path`, created when missing."""

    def __init__(self, path: Path, default_branch: str = "main") -> None:
        self.path = path
        self._refs: dict[str, str] | None = None
        self._merges: dict[tuple[str, str], str | None] = {}
        self._between: dict[tuple[str, str], tuple[str, ...]] = {}
        self._bases: dict[tuple[str, str], str | None] = {}
        self._changes: dict[tuple[str, str], tuple[FileChange, ...]] = {}
        if not (path / "HEAD").exists():
            self._create(default_branch)

    @cached_property
    def _objects(self) -> Path:
        return self.path / "objects"

    def _create(self, default_branch: str) -> None:
        run(["git", "init", "-q", "--bare", f"--initial-branch={default_branch}", str(self.path)])
        with (self.path / "config").open("a") as config:
            for key, value in _CONFIG.items():
                section, _, name = key.partition(".")
                config.write(f"[{section}]\n\t{name} = {value}\n")

    # objects

    def write(self, kind: Kind, data: bytes) -> str:
        """The id of the object, now stored."""
        return write_object(self._objects, kind, data)

    def read(self, sha: str) -> tuple[Kind, bytes] | None:
        """Kind and content, None for an unknown id."""
        found = read_object(self._objects, sha)
        return found or self._packed(sha)

    def _packed(self, sha: str) -> tuple[Kind, bytes] | None:
        if not any(self._objects.glob("pack/*.pack")):
            return None
        kinds: tuple[Kind, ...] = ("blob", "tree", "commit", "tag")
        found = self.git("cat-file", "-t", sha, check=False).stdout.decode().strip()
        for kind in kinds:
            if kind == found:
                return kind, self.git("cat-file", kind, sha).stdout
        return None

    def commit(self, sha: str) -> Commit | None:
        """The commit, None if the id is unknown or something else."""
        found = self.read(sha)
        return parse_commit(sha, found[1]) if found and found[0] == "commit" else None

    def known_commit(self, sha: str) -> Commit:
        """The commit of an id that the stand-in itself recorded."""
        commit = self.commit(sha)
        if commit is None:
            raise LookupError(f"{sha} is not a commit of {self.path}")
        return commit

    def tree(self, sha: str) -> list[Entry] | None:
        """The entries of a tree, None if the id is unknown or something else."""
        found = self.read(sha)
        return parse_tree(found[1]) if found and found[0] == "tree" else None

    def write_tree(self, entries: Iterable[Entry]) -> str:
        """The id of the tree, now stored."""
        return self.write("tree", tree_bytes(list(entries)))

    def blob(self, sha: str) -> bytes | None:
        """The bytes of a blob, None if the id is unknown or something else."""
        found = self.read(sha)
        return found[1] if found and found[0] == "blob" else None

    # refs

    def refs(self) -> Mapping[str, str]:
        """Every ref with the object it points at."""
        if self._refs is None:
            lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").stdout.decode()
            self._refs = dict(_pair(line) for line in lines.splitlines())
        return self._refs

    def forget_refs(self) -> None:
        """After another process (receive-pack) may have moved some."""
        self._refs = None

    def branch(self, name: str) -> str | None:
        """The tip of a branch."""
        return self.refs().get(f"refs/heads/{name}")

    def branches(self) -> dict[str, str]:
        """Name and tip of every branch."""
        prefix = "refs/heads/"
        return {r.removeprefix(prefix): s for r, s in self.refs().items() if r.startswith(prefix)}

    def move(self, moves: Sequence[RefMove]) -> None:
        """All moves or none.

        Raises Stale when a ref is not where its move says it is.
        """
        text = "".join(_instruction(move) for move in moves)
        done = self.git("update-ref", "--stdin", "-z", stdin=text.encode(), check=False)
        if done.returncode:
            self.forget_refs()
            raise Stale(done.stderr.decode().strip())
        refs = dict(self.refs())
        for move in moves:
            refs.pop(move.ref, None)
            if move.after is not None:
                refs[move.ref] = move.after
        self._refs = refs

    # what Git computes

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of a three-way merge of two commits, None when they conflict."""
        key = (ours, theirs)
        if key not in self._merges:
            done = self.git(
                "merge-tree", "--write-tree", "--no-messages", ours, theirs, check=False
            )
            if done.returncode not in (0, 1):
                raise RuntimeError(done.stderr.decode())
            tree = done.stdout.decode().split("\n", 1)[0]
            self._merges[key] = tree if done.returncode == 0 else None
        return self._merges[key]

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` contains `old`."""
        return old == new or self.merge_base(old, new) == old

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor."""
        key = (one, other)
        if key not in self._bases:
            found = self.git("merge-base", one, other, check=False).stdout.decode().strip()
            self._bases[key] = found or None
        return self._bases[key]

    def between(self, base: str, head: str) -> tuple[str, ...]:
        """Commits of `head` that `base` does not have, oldest first."""
        if base == head:
            return ()
        key = (base, head)
        if key not in self._between:
            listed = self.git("rev-list", "--reverse", "--topo-order", head, f"^{base}")
            self._between[key] = tuple(listed.stdout.decode().split())
        return self._between[key]

    def history(self, head: str, limit: int) -> tuple[str, ...]:
        """The newest `limit` commits reachable from `head`, newest first."""
        return tuple(self.git("rev-list", f"--max-count={limit}", head).stdout.decode().split())

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """How the trees of two commits (or trees) differ, file by file."""
        key = (old, new)
        if key not in self._changes:
            self._changes[key] = tuple(self._changes_between(old, new))
        return self._changes[key]

    def _changes_between(self, old: str, new: str) -> list[FileChange]:
        raw = self.git("diff-tree", "-r", "-M", "--raw", "-z", "--no-abbrev", old, new).stdout
        text = self.git("diff-tree", "-r", "-M", "-p", "--full-index", old, new).stdout
        return file_changes(raw, text)

    def diff(self, old: str, new: str) -> str:
        """A unified diff of two commits or trees."""
        return self.git("diff-tree", "-r", "-M", "-p", old, new).stdout.decode("utf-8", "replace")

    def git(
        self, *arguments: str, stdin: bytes = b"", check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        """Run Git in this repository."""
        return run(
            ["git", "-c", "core.quotePath=false", f"--git-dir={self.path}", *arguments],
            stdin=stdin,
            check=check,
        )


def run(
    command: Sequence[str], *, stdin: bytes = b"", check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """A finished process; Git reads no configuration but the repository's own."""
    return subprocess.run(
        list(command), input=stdin, capture_output=True, check=check, env=git_environment()
    )


def git_environment() -> dict[str, str]:
    """What Git may know of the machine: where programs are, and nothing of the user's settings."""
    return {
        "PATH": SEARCH_PATH,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LC_ALL": "C",
    }


def _instruction(move: RefMove) -> str:
    before, after = move.before or ZERO, move.after or ZERO
    return f"update {move.ref}\0{after}\0{before}\0"


def _pair(line: str) -> tuple[str, str]:
    ref, _, sha = line.partition(" ")
    return ref, sha
