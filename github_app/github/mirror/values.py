"""What a mirror tells: entries, commits, changes, conflicts, a rewound ledger. Values only."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def checked_oid(oid: str) -> str:
    """`oid` itself when it is an object id: no name, no option gets to Git's command line."""
    if not _OID.fullmatch(oid):
        raise ValueError(f"{oid!r} is not an object id")
    return oid


class EntryKind(enum.Enum):
    """What stands at a path; links and submodules are marked so that callers refuse them."""

    FILE = "100644"
    EXECUTABLE = "100755"
    SYMLINK = "120000"
    SUBMODULE = "160000"
    TREE = "040000"

    @property
    def is_file(self) -> bool:
        """Whether it has bytes of its own that may be read and edited."""
        return self in {EntryKind.FILE, EntryKind.EXECUTABLE}


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a tree. Bytes of a path that are not UTF-8 are surrogate escapes."""

    path: str
    kind: EntryKind
    oid: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; who and when are what its author claims, not what GitHub vouches for."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: str
    email: str
    committed_at: datetime
    subject: str


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs between two trees; None: not there."""

    path: str
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record as a commit on the branch's own line left it; `blob` is None: taken away."""

    commit: str
    committed_at: datetime
    path: str
    blob: str | None


@dataclass(frozen=True, slots=True)
class Conflicts:
    """A merge Git cannot make by itself, with the paths in question."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rewound:
    """The ledger does not continue from where it was; `new` is None when the branch is gone."""

    old: str
    new: str | None


LedgerTip: TypeAlias = str | Rewound | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The branches after a fetch, name to commit, and the ledger's tip (None: no ledger yet)."""

    heads: Mapping[str, str]
    ledger: LedgerTip
