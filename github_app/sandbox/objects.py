"""Git objects as Git stores them loose: written and read without starting a process.

A demo makes thousands of them, and a process per object would cost some milliseconds each.
Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects; the tests run `git fsck` over it.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

Kind = Literal["blob", "tree", "commit", "tag"]
REGULAR, EXECUTABLE, SYMLINK, DIRECTORY, SUBMODULE = "100644", "100755", "120000", "40000", "160000"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree."""

    mode: str
    name: str
    sha: str

    @property
    def is_tree(self) -> bool:
        """Whether it is a directory."""
        return self.mode == DIRECTORY


@dataclass(frozen=True, slots=True)
class Signature:
    """Who wrote or committed, and when (aware)."""

    name: str
    email: str
    at: datetime

    def line(self) -> str:
        """As it stands in a commit."""
        offset = self.at.strftime("%z") or "+0000"
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} {offset[:5]}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, read."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    gpgsig: str | None = None
    signed_part: bytes = b""


def object_id(kind: Kind, data: bytes) -> str:
    """The id Git gives to this content."""
    return hashlib.sha1(_header(kind, data) + data, usedforsecurity=False).hexdigest()


def write_object(objects: Path, kind: Kind, data: bytes) -> str:
    """The id of the object, now in the directory `objects`; writing twice is harmless."""
    sha = object_id(kind, data)
    path = objects / sha[:2] / sha[2:]
    if path.exists():
        return sha
    path.parent.mkdir(exist_ok=True)
    temporary = path.parent / f"tmp_obj_{sha[2:]}_{os.getpid()}"
    temporary.write_bytes(zlib.compress(_header(kind, data) + data, 1))
    temporary.rename(path)
    return sha


def read_object(objects: Path, sha: str) -> tuple[Kind, bytes] | None:
    """Kind and content of a loose object, None if there is no such loose object."""
    try:
        raw = zlib.decompress((objects / sha[:2] / sha[2:]).read_bytes())
    except FileNotFoundError:
        return None
    header, _, data = raw.partition(b"\0")
    return _kind(header.split(b" ")[0].decode()), data


def tree_bytes(entries: list[Entry]) -> bytes:
    """The content of a tree, sorted as Git does: a directory as if its name ended in a slash."""
    ordered = sorted(entries, key=lambda e: (e.name + "/" if e.is_tree else e.name).encode())
    return b"".join(f"{e.mode} {e.name}\0".encode() + bytes.fromhex(e.sha) for e in ordered)


def parse_tree(data: bytes) -> list[Entry]:
    """The entries of a tree object, in its order."""
    entries = []
    at = 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, name = data[at:end].split(b" ", 1)
        entries.append(Entry(mode.decode(), name.decode(), data[end + 1 : end + 21].hex()))
        at = end + 21
    return entries


def commit_bytes(
    tree: str,
    parents: tuple[str, ...],
    author: Signature,
    committer: Signature,
    message: str,
) -> bytes:
    """The content of a commit object, unsigned."""
    lines = [f"tree {tree}", *(f"parent {p}" for p in parents)]
    lines += [f"author {author.line()}", f"committer {committer.line()}"]
    return ("\n".join(lines) + "\n\n" + message).encode()


def signed_commit_bytes(unsigned: bytes, gpgsig: str) -> bytes:
    """The same commit with a `gpgsig` header, continuation lines indented as Git wants them."""
    head, _, message = unsigned.partition(b"\n\n")
    return head + b"\ngpgsig " + gpgsig.replace("\n", "\n ").encode() + b"\n\n" + message


def parse_commit(sha: str, data: bytes) -> Commit:
    """The commit as a value; headers that GitHub does not show are left out."""
    head, _, message = data.decode("utf-8", "replace").partition("\n\n")
    headers = _headers(head)
    gpgsig = next((value for key, value in headers if key == "gpgsig"), None)
    named = dict(headers)
    return Commit(
        sha,
        named["tree"],
        tuple(value for key, value in headers if key == "parent"),
        parse_signature(named["author"]),
        parse_signature(named["committer"]),
        message,
        gpgsig,
        _without_signature(data) if gpgsig else b"",
    )


def parse_signature(line: str) -> Signature:
    """`Name <mail> seconds zone` read."""
    who, _, when = line.rpartition("> ")
    name, _, email = who.partition("<")
    seconds, _, zone = when.partition(" ")
    minutes = int(zone[1:3]) * 60 + int(zone[3:5])
    offset = timedelta(minutes=-minutes if zone.startswith("-") else minutes)
    at = datetime.fromtimestamp(int(seconds), timezone(offset) if minutes else UTC)
    return Signature(name.strip(), email, at)


def _headers(head: str) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    for line in head.split("\n"):
        if line.startswith(" ") and headers:
            key, value = headers.pop()
            headers.append((key, f"{value}\n{line[1:]}"))
        else:
            key, _, value = line.partition(" ")
            headers.append((key, value))
    return headers


def _without_signature(data: bytes) -> bytes:
    head, _, message = data.partition(b"\n\n")
    kept = []
    inside = False
    for line in head.split(b"\n"):
        inside = line.startswith(b"gpgsig ") or (inside and line.startswith(b" "))
        if not inside:
            kept.append(line)
    return b"\n".join(kept) + b"\n\n" + message


def _header(kind: Kind, data: bytes) -> bytes:
    return f"{kind} {len(data)}\0".encode()


def _kind(word: str) -> Kind:
    match word:
        case "blob" | "tree" | "commit" | "tag":
            return word
        case _:
            raise ValueError(f"{word!r} is not a kind of Git object")
