"""What a delivery is known by: its sender's id, or what it says."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from github_app.webhooks.message import is_guid

_STRANGE = re.compile(r"[^A-Za-z0-9_.: -]")


def known_by(ids: Iterable[str]) -> str:
    """One delivery's own ids: a single one is kept, which a sender repeats when it tries again."""
    found = list(ids)
    if len(found) == 1 and is_guid(found[0]):
        return found[0]
    return hashed(*found)


def hash_of(body: bytes) -> str:
    """An id for a body that says nothing else to be known by."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def hashed(*parts: str | float | list[str] | None) -> str:
    """An id made of what matters in a delivery."""
    written = json.dumps(parts, sort_keys=True)
    return hash_of(written.encode("ascii"))


def kind_of(*words: str | None) -> str:
    """What kind of delivery it is, for people and logs: its sender's words, made harmless."""
    found = ".".join(word[:40] for word in words if word)
    return _STRANGE.sub("?", found)[:80] or "unnamed"
