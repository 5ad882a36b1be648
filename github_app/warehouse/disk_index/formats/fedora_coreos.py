"""Fedora CoreOS's streams: the one release of each that everybody should run.

https://docs.fedoraproject.org/en-US/fedora-coreos/stream-metadata/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from github_app.warehouse.disk_index.listed import (
    Listed,
    ListedImage,
    document,
    mapping,
    members,
    sha256_of,
    text_of,
)
from github_app.warehouse.said_time import said_time

_STREAM = re.compile(r"(https?://[^/]+)/(?:.*/)?streams/([a-z-]+)/builds/.*")


def index(pattern: str) -> str | None:
    """The stream that the address stands in, at `/streams/` of its host."""
    found = _STREAM.fullmatch(pattern)
    return f"{found[1]}/streams/{found[2]}.json" if found else None


def listed(stream: str) -> tuple[Listed, ...]:
    """The disks of the stream's release, of every platform and format; raises Refusal."""
    content = mapping(document(stream), "it")
    modified = mapping(content.get("metadata") or {}, "'metadata'").get("last-modified")
    time = said_time(modified)
    return tuple(
        ListedImage(text_of(disk, "location"), sha256_of(disk), time) for disk in _disks(content)
    )


def _disks(content: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Formats without a `disk` are those of network boots."""
    for _, architecture in members(content, "architectures"):
        for _, artifact in members(architecture, "artifacts"):
            for _, form in members(artifact, "formats"):
                if "disk" in form:
                    yield mapping(form["disk"], "'disk'")
