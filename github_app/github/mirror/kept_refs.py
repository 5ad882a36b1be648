"""Where a watched mirror keeps what it fetches: any name is a name there; pure."""

from __future__ import annotations

import hashlib
import re

ALL = "refs/towline/"
HEAD = f"{ALL}head"
BRANCHES, TAGS, COMMITS = f"{ALL}branch/", f"{ALL}tag/", f"{ALL}commit/"


def refspec(kind: str, name: str, below: str) -> str:
    """What fetches a branch or tag of the server to its place here."""
    return f"+{kind}{name}:{ref(below, name)}"


def ref(below: str, name: str) -> str:
    """Where a branch or tag is kept; `a` does not stand in the way of `a/b`."""
    return below + hashed(name)


def hashed(text: str) -> str:
    """A name that is fit for any file system."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:40]


def is_hashed(text: str) -> bool:
    """Whether `text` can be such a name."""
    return re.fullmatch("[0-9a-f]{40}", text) is not None
