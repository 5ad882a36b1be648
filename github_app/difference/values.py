"""What is to be rendered for a promotion, and what came of it. Values only."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType, TypeAlias

RenderKey = NewType("RenderKey", str)
"""What a promotion would be merged into, and with which files: equal keys render the same."""


@dataclass(frozen=True, slots=True)
class ToRender:
    """A promotion whose stage is rendered twice: at `base`, and with its files laid over that.

    `base` is the commit at the tip of the stage's branch, `directory` the stage's ('' is the
    root), and `files` are those of the promotion (None: deleted); their paths are the
    repository's. `stage` is for people.
    """

    stage: str
    base: str
    directory: str
    files: Mapping[str, str | None]

    @property
    def key(self) -> RenderKey:
        """A hash of everything that decides the render, but for who renders."""
        parts = [self.base, self.directory]
        for path, text in sorted(self.files.items()):
            parts += [path, "-" if text is None else f"+{text}"]
        measured = "".join(f"{len(part)}:{part}" for part in parts)
        return RenderKey(hashlib.sha256(bytes_of(measured)).hexdigest())


def bytes_of(text: str) -> bytes:
    """The bytes of a promotion's file: those that are no UTF-8 stand in its text as surrogates."""
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many resources change: those whose pods restart are counted among the `changed`, too.

    A restart is another pod template of something that replaces its pods when that changes.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    restarts: int = 0


class Became(enum.Enum):
    """What a promotion does to a resource."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Changed:
    """One resource that a promotion touches: as people call it, and its unified difference.

    `name` is `Kind namespace/name`, without a namespace that the manifests leave open. `text`
    holds no secret value; it is '' where `size`, its bytes, was too much to keep, and where nobody
    can tell what of it is secret (`unread`).
    """

    became: Became
    name: str
    text: str
    size: int
    restarts: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """The manifests at the base and at the merge result, each known by its sha256.

    `resources` are the first that a reviewer should see, if there are many; `unchanged` counts
    those that stay as they are. `base_fails` are the words of a base
    that cannot be rendered: then its sha256 is '', and everything counts as added.
    """

    base_sha256: str
    sha256: str
    counts: Counts
    resources: tuple[Changed, ...]
    unchanged: int
    base_fails: str = ""


class Why(enum.Enum):
    """Why there is no difference to show.

    FAILED: the merge result cannot be rendered, though the base can. BOTH: neither can. UNABLE:
    nothing is rendered here. LATER: it is this promotion's turn soon.
    """

    FAILED = "failed"
    BOTH = "both"
    UNABLE = "unable"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Unrendered:
    """No difference, with the reason in the renderer's words."""

    why: Why
    words: str = ""


Rendering: TypeAlias = Rendered | Unrendered
