"""What stands behind a tag before anything is pushed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from github_app.publishing.blob import sha256
from github_app.publishing.image import INDEX, MANIFEST
from github_app.publishing.writes import Asked, Writes
from plugin.artifact import is_digest

_DOCKER = "application/vnd.docker.distribution.manifest"
_INDEXES = frozenset({INDEX, f"{_DOCKER}.list.v2+json"})
_ACCEPT = {"Accept": ", ".join(sorted({MANIFEST, f"{_DOCKER}.v2+json", *_INDEXES}))}


@dataclass(frozen=True, slots=True)
class Published:
    """The digest that a tag names, and the digest of each image's manifest by its configuration.

    A configuration names the layers' content before compression, so two images with the same one
    are the same image, whoever has packed it.
    """

    digest: str
    manifests: Mapping[str, str]
    created: datetime | None


def published(writes: Writes, tag: str) -> Published | None:
    """What stands behind the tag now, None if there is no such tag; raises as `Writes.ask`.

    What is no image has no configurations; it is something else than any disk all the same.
    """
    answer = writes.ask(Asked("GET", f"manifests/{tag}", _ACCEPT), 200, 404)
    if answer.status == 404:
        return None
    digest, content = sha256(answer.body), _object(answer.body)
    manifests = dict(_manifests(writes, digest, content))
    created = next((_created(writes, config) for config in manifests), None)
    return Published(digest, manifests, created)


def _manifests(
    writes: Writes, digest: str, content: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Each configuration with its manifest; attestations and the like are passed over."""
    if content.get("mediaType") not in _INDEXES:
        config = _config(content)
        if config:
            yield config, digest
        return
    for child in _children(content):
        answer = writes.ask(Asked("GET", f"manifests/{child}", _ACCEPT), 200, 404)
        config = _config(_object(answer.body))
        if answer.status == 200 and config:
            yield config, child


def _children(index: Mapping[str, Any]) -> Iterator[str]:
    listed = index.get("manifests")
    for one in listed if isinstance(listed, list) else ():
        match one:
            case {"digest": str(digest), "platform": {"os": str(system)}} if system != "unknown":
                if is_digest(digest):
                    yield digest


def _config(manifest: Mapping[str, Any]) -> str | None:
    match manifest:
        case {"config": {"digest": str(digest)}} if is_digest(digest):
            return digest
        case _:
            return None


def _created(writes: Writes, config: str) -> datetime | None:
    """When the image with this configuration says its disk was made."""
    answer = writes.ask(Asked("GET", f"blobs/{config}"), 200, 404)
    said = _object(answer.body).get("created") if answer.status == 200 else None
    try:
        time = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return time if time and time.tzinfo else None


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
