"""The versions a Talos image factory makes images of.

https://github.com/siderolabs/image-factory#get-versions: an array of versions, pre-releases among
them. With `?broken=true` it lists those that must not be used. Newer factories leave them out by
themselves and answer `null` where there are none; older ones ignore the question and list all.
"""

from __future__ import annotations

import re

from github_app.warehouse.disk_index.listed import Listed, ListedVersion, document, sequence
from plugin.errors import Refusal

_ROOT = re.compile(r"(https?://[^/]+(?:/.+)?)/image/[0-9a-f]{64}/.*")
_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")


def index(pattern: str) -> str | None:
    """The factory's list of versions."""
    found = _ROOT.fullmatch(pattern)
    return f"{found[1]}/versions" if found else None


def beside(index: str) -> tuple[str, ...]:
    """The list of broken versions."""
    return (f"{index}?broken=true",)


def listed(versions: str, broken: str = "null") -> tuple[Listed, ...]:
    """The versions that are not broken; raises Refusal."""
    found = _versions(versions)
    if not found:
        raise Refusal("it lists no version")
    bad = set(_versions(broken))
    kept = found if bad >= set(found) else [one for one in found if one not in bad]
    return tuple(ListedVersion(one) for one in kept)


def _versions(text: str) -> list[str]:
    entries = sequence(document(text) or [], "it")
    for one in entries:
        if not isinstance(one, str) or not _VERSION.fullmatch(one):
            raise Refusal(f"'{str(one)[:80]}' is no version")
    return [str(one).removeprefix("v") for one in entries]
