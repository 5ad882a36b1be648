"""Flatcar's channels: the current version of each, or the list of all releases.

`version.txt` stands in the channel's `current` directory and names one version
(https://www.flatcar.org/docs/latest/installing/bare-metal/booting-with-ipxe/). The list,
https://www.flatcar.org/releases-json/releases-stable.json, must be asked for; it has older versions
as well, which a constraint may want.
"""

from __future__ import annotations

import re

from github_app.warehouse.disk_index.listed import (
    Listed,
    ListedVersion,
    day,
    document,
    mapping,
)
from plugin.errors import Refusal

_SETTING = re.compile(r"^([A-Z_]+)=\"?([^\"\r\n]*)\"?\r?$", re.MULTILINE)
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_MOST = 64 * 1024
_DIRECTORY = re.compile(r"(.*/)\*/[^/]+")


def index(pattern: str) -> str | None:
    """The file `version.txt` of the channel's current directory."""
    found = _DIRECTORY.fullmatch(pattern)
    return f"{found[1]}current/version.txt" if found else None


def listed(text: str) -> tuple[Listed, ...]:
    """The versions of either document; raises Refusal."""
    if text.lstrip().startswith("{"):
        return _releases(text)
    said = dict(_SETTING.findall(text[:_MOST]))
    version = said.get("FLATCAR_VERSION", "")
    if not _VERSION.fullmatch(version):
        raise Refusal(f"FLATCAR_VERSION is missing or no version: '{version[:80]}'")
    return (ListedVersion(version, day(said.get("FLATCAR_BUILD_ID", ""))),)


def _releases(text: str) -> tuple[Listed, ...]:
    """Keys are versions, but for `current`, which is one of them once more."""
    found = [
        ListedVersion(version, day(str(mapping(release, f"'{version}'").get("release_date", ""))))
        for version, release in mapping(document(text), "it").items()
        if _VERSION.fullmatch(version)
    ]
    if not found:
        raise Refusal("none of its keys is a version")
    return tuple(found)
