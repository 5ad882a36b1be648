"""Finds what stands in trees: all of it, or at many paths in one exchange for each level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from github_app.github.mirror.bounds import TooMuch
from github_app.github.mirror.git import Git
from github_app.github.mirror.parsing import children, entry_kind, listed_entries, path_bytes
from github_app.github.mirror.values import Entry, EntryKind, checked_oid
from plugin.errors import Refusal

MOST_PATHS = 400_000
"""Files of one tree, all named at once; they take some 200 MiB."""
Trees = Callable[[Iterable[str]], Mapping[str, bytes]]
_NOTHING = (b"", b"")


class _Search(NamedTuple):
    """A path on its way down: the tree reached so far, and the names left to take from there."""

    top: str
    path: str
    at: str
    names: list[bytes]


def listed(git: Git, top: str, under: str) -> tuple[Entry, ...]:
    """Every file, link and submodule of a tree that stands at `under`; Refusal for too many."""
    try:
        raw = git.output("ls-tree", "-r", "-z", checked_oid(top))
    except TooMuch as error:
        raise _too_many(under, str(error)) from None
    count = raw.count(b"\0")
    if count > MOST_PATHS:
        raise _too_many(under, f"{count:,}")
    return listed_entries(raw, under)


def _too_many(under: str, found: str) -> Refusal:
    return Refusal(
        f"'{under or '/'}' has too many files to be read ({found}; at most {MOST_PATHS:,}): keep"
        " stages in directories of their own"
    )


def entries(read: Trees, wanted: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Entry]]:
    """What stands at these paths, by tree and by path; links are not followed.

    `read` gives tree objects by id. Paths are relative to the tree they are looked up in; those
    with nothing there are left out.
    """
    found: dict[str, dict[str, Entry]] = {top: {} for top in wanted}
    searches = [
        _Search(top, path, top, path_bytes(path).split(b"/"))
        for top, paths in wanted.items()
        for path in paths
    ]
    while searches:
        listed = _listed(read, searches)
        deeper = []
        for top, path, at, names in searches:
            mode, oid = listed[at].get(names[0], _NOTHING)
            if not mode:
                continue
            kind = entry_kind(mode)
            if len(names) == 1:
                found[top][path] = Entry(path, kind, oid.hex())
            elif kind is EntryKind.TREE:
                deeper.append(_Search(top, path, oid.hex(), names[1:]))
        searches = deeper
    return found


def _listed(
    read: Trees, searches: Iterable[_Search]
) -> Mapping[str, Mapping[bytes, tuple[bytes, bytes]]]:
    trees = read(dict.fromkeys(one.at for one in searches))
    return {oid: children(raw, len(oid) // 2) for oid, raw in trees.items()}
