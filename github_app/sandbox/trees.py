"""Trees edited by path: files put in and taken out, every other entry kept as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from github_app.sandbox.git_store import GitStore
from github_app.sandbox.objects import DIRECTORY, REGULAR, Entry


@dataclass(frozen=True, slots=True)
class Leaf:
    """What shall stand at a path: a blob, a submodule or a whole tree."""

    mode: str
    sha: str


def edited(git: GitStore, base: str | None, edits: Mapping[str, Leaf | None]) -> str | None:
    """The id of `base` with the edits applied (None removes); None when nothing is left.

    Directories that become empty vanish, as Git cannot store them.
    """
    here: dict[str, Leaf | None] = {}
    below: dict[str, dict[str, Leaf | None]] = {}
    for path, leaf in edits.items():
        first, slash, rest = path.partition("/")
        if slash:
            below.setdefault(first, {})[rest] = leaf
        else:
            here[first] = leaf
    entries = {entry.name: entry for entry in (git.tree(base) or [] if base else [])}
    for name, inner in below.items():
        here[name] = _directory(git, here.get(name) or _leaf(entries.get(name)), inner)
    for name, leaf in here.items():
        entries.pop(name, None)
        if leaf is not None:
            entries[name] = Entry(leaf.mode, name, leaf.sha)
    return git.write_tree(entries.values()) if entries else None


def _directory(git: GitStore, old: Leaf | None, inner: Mapping[str, Leaf | None]) -> Leaf | None:
    base = old.sha if old is not None and old.mode == DIRECTORY else None
    sha = edited(git, base, inner)
    return Leaf(DIRECTORY, sha) if sha else None


def _leaf(entry: Entry | None) -> Leaf | None:
    return Leaf(entry.mode, entry.sha) if entry else None


def with_files(git: GitStore, base: str | None, files: Mapping[str, bytes | str | None]) -> str:
    """The id of `base` with whole files put in (their mode kept) or removed (None)."""
    edits: dict[str, Leaf | None] = {}
    for path, content in files.items():
        if content is None:
            edits[path] = None
            continue
        data = content.encode() if isinstance(content, str) else content
        old = entry_at(git, base, path) if base else None
        mode = old.mode if old and not old.is_tree else REGULAR
        edits[path] = Leaf(mode, git.write("blob", data))
    return edited(git, base, edits) or git.write_tree([])


def entry_at(git: GitStore, tree: str, path: str) -> Entry | None:
    """The entry at a path of a tree."""
    entry: Entry | None = Entry(DIRECTORY, "", tree)
    for part in path.split("/"):
        if entry is None or not entry.is_tree:
            return None
        entry = next((e for e in git.tree(entry.sha) or [] if e.name == part), None)
    return entry


def walk(git: GitStore, tree: str, prefix: str = "") -> Iterator[tuple[str, Entry]]:
    """Every entry below a tree with its path, directories before what they hold."""
    for entry in git.tree(tree) or []:
        path = prefix + entry.name
        yield path, entry
        if entry.is_tree:
            yield from walk(git, entry.sha, path + "/")
