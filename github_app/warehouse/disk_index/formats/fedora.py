"""Fedora's list of what it released: https://fedoraproject.org/releases.json.

Each entry has `version`, `arch`, `link`, `variant`, `subvariant`, and most a `sha256`. Files were
called in three ways so far, so the link is taken, never made.
"""

from __future__ import annotations

import re

from github_app.warehouse.disk_index.listed import (
    Listed,
    ListedImage,
    document,
    is_image,
    mapping,
    sequence,
    sha256_of,
    text_of,
)

_PLACE = re.compile(r".*/([A-Za-z]+)/([A-Za-z0-9_]+)/images/Fedora-.*-(\d+-\d+(?:\.\d+)*)\..*")


def index(pattern: str) -> str:
    """Fedora's own list, wherever the images are mirrored."""
    del pattern
    return "https://fedoraproject.org/releases.json"


def sums(address: str) -> tuple[str, ...]:
    """The signed checksum file of the release's variant, `Fedora-Cloud-43-1.6-x86_64-CHECKSUM`."""
    found = _PLACE.fullmatch(address)
    return (f"Fedora-{found[1]}-{found[3]}-{found[2]}-CHECKSUM",) if found else ()


def listed(releases: str) -> tuple[Listed, ...]:
    """Every disk image; a beta only where its link says that it is one. Raises Refusal."""
    entries = [mapping(one, "an entry") for one in sequence(document(releases), "it")]
    images = ((one, text_of(one, "link")) for one in entries)
    return tuple(
        ListedImage(link, sha256_of(one))
        for one, link in images
        if is_image(link) and _says_which(text_of(one, "version"), link)
    )


def _says_which(version: str, link: str) -> bool:
    return version.isdecimal() or f"/{version.replace(' ', '_')}/" in link
