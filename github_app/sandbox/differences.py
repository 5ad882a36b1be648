"""How two trees differ, file by file, read from what `git diff-tree` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileChange:
    """How one path differs between two trees; `patch` is None for binary files."""

    path: str
    previous: str | None
    status: str
    additions: int
    deletions: int
    sha: str
    patch: str | None


def file_changes(raw: bytes, patches: bytes) -> list[FileChange]:
    """The changes of `--raw -z`, each with its part of the unified diff."""
    texts = {_patched_path(p): p for p in _split_patches(patches.decode("utf-8", "replace"))}
    return [_file_change(record, texts) for record in _raw_records(raw)]


def _raw_records(raw: bytes) -> list[tuple[str, str, str, str | None]]:
    """(status letter, new id, path, previous path) for each record of `git diff-tree --raw -z`."""
    parts = raw.decode("utf-8", "replace").split("\0")
    records: list[tuple[str, str, str, str | None]] = []
    at = 0
    while at < len(parts) and parts[at].startswith(":"):
        _, _, old, new, letter = parts[at].split(" ")
        moved = letter[0] in "RC"
        path = parts[at + 2] if moved else parts[at + 1]
        sha = old if letter == "D" else new
        records.append((letter[0], sha, path, parts[at + 1] if moved else None))
        at += 3 if moved else 2
    return records


_STATUS = {
    "A": "added",
    "D": "removed",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}


def _file_change(record: tuple[str, str, str, str | None], texts: Mapping[str, str]) -> FileChange:
    letter, sha, path, previous = record
    text = texts.get(path, "")
    start = text.find("\n@@ ")
    patch = text[start + 1 :].rstrip("\n") if start >= 0 else None
    lines = patch.splitlines() if patch else []
    plus = sum(line.startswith("+") for line in lines)
    minus = sum(line.startswith("-") for line in lines)
    return FileChange(path, previous, _STATUS[letter], plus, minus, sha, patch)


def _split_patches(whole: str) -> list[str]:
    marker = "diff --git "
    return [marker + part for part in ("\n" + whole).split("\n" + marker)[1:]]


def _patched_path(part: str) -> str:
    removed = ""
    for line in part.splitlines():
        if line.startswith("+++ b/"):
            return line[6:].rstrip("\t")
        if line.startswith("--- a/"):
            removed = line[6:].rstrip("\t")
        if line == "+++ /dev/null":
            return removed
        if line.startswith("@@ "):
            break
    return ""
