"""Reads what Git prints: trees, commits, raw differences. Pure; paths are NUL-ended bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from github_app.github.mirror.values import Change, Commit, Entry, EntryKind, RecordChange

# `mode SP name NUL id`, again and again: https://git-scm.com/docs/gitformat-pack#_tree_entries
_CHILDREN = {size: re.compile(rb"(\d+) ([^\0]+)\0(.{%d})" % size, re.DOTALL) for size in (20, 32)}

_LISTED = re.compile(rb"(\d+) [a-z]+ ([0-9a-f]+)\t([^\0]+)\0")


def path_text(raw: bytes) -> str:
    """A path as text that gives the same bytes back."""
    return raw.decode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)
def entry_kind(mode: bytes) -> EntryKind:
    """The kind of a mode as Git writes it; historic modes such as 100664 are files."""
    padded = mode.decode().zfill(6)
    return EntryKind.FILE if padded == "100664" else EntryKind(padded)


def listed_entries(raw: bytes, under: str) -> tuple[Entry, ...]:
    """The entries of `git ls-tree -r -z`, their paths set below `under`."""
    start = f"{under}/" if under else ""
    return tuple(
        Entry(start + path_text(found[3]), entry_kind(found[1]), found[2].decode())
        for found in _LISTED.finditer(raw)
    )


def path_bytes(path: str) -> bytes:
    """The bytes that `path_text` reads as `path`; of what is no path in Git, bytes that none is."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return b"\0"


def children(raw: bytes, oid_bytes: int) -> Mapping[bytes, tuple[bytes, bytes]]:
    """What a tree object lists: name to mode and id, as bytes."""
    return {name: (mode, oid) for mode, name, oid in _CHILDREN[oid_bytes].findall(raw)}


def commit(oid: str, raw: bytes) -> Commit:
    """A commit object; text that is not UTF-8 is shown as well as it can be."""
    head, _, message = raw.partition(b"\n\n")
    lines = [line.decode("utf-8", "replace") for line in head.split(b"\n")]
    fields = [line.partition(" ") for line in lines if not line.startswith(" ")]
    first = {name: value for name, _, value in reversed(fields)}
    author, email, _ = _signature(first["author"])
    return Commit(
        oid=oid,
        tree=first["tree"],
        parents=tuple(value for name, _, value in fields if name == "parent"),
        author=author,
        email=email,
        committed_at=_signature(first["committer"])[2],
        subject=message.decode("utf-8", "replace").lstrip().partition("\n")[0],
    )


def _signature(text: str) -> tuple[str, str, datetime]:
    name, _, rest = text.partition("<")
    email, _, when = rest.rpartition(">")
    words = when.split()
    return name.strip(), email, moment(words[0] if words else "0")


def moment(seconds: str) -> datetime:
    """Git's seconds since 1970; nonsense (a commit can claim any time) is 1970."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def changes(raw: bytes) -> tuple[Change, ...]:
    """The changes of `git diff-tree -r -z --no-renames --no-abbrev`."""
    return tuple(change for change in _raw_changes(raw) if isinstance(change, Change))


def record_history(raw: bytes) -> tuple[RecordChange, ...]:
    """The changes of `git log --raw -z --format='%H %ct'`, each under its commit."""
    found: list[RecordChange] = []
    oid, when = "", moment("0")
    for one in _raw_changes(raw):
        if isinstance(one, str):
            oid, _, seconds = one.partition(" ")
            when = moment(seconds)
        else:
            found.append(RecordChange(oid, when, one.path, one.after.oid if one.after else None))
    return tuple(found)


def _raw_changes(raw: bytes) -> Iterator[Change | str]:
    # A path follows its record at once: a path that looks like a record is not read as one.
    words = iter(raw.split(b"\0"))
    for word in words:
        text = word.lstrip(b"\n").decode("utf-8", "surrogateescape")
        if text.startswith(":"):
            yield _change(text, path_text(next(words)))
        elif text:
            yield text


def _change(record: str, path: str) -> Change:
    mode_before, mode_after, before, after, _ = record[1:].split(" ")
    return Change(path, _side(path, mode_before, before), _side(path, mode_after, after))


def _side(path: str, mode: str, oid: str) -> Entry | None:
    return None if mode == "000000" else Entry(path, entry_kind(mode.encode()), oid)
