"""Manifests and indexes of the OCI image specification as values; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from plugin.artifact import is_digest
from plugin.artifact.platform import Platform
from plugin.errors import Refusal

INDEXES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
MANIFESTS = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)
_CONFIGS = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    }
)
# Docker's official images have about ten platforms, each with an attestation.
_MAX_PLATFORMS = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One image of an index: its manifest's digest, and what the index says of it."""

    digest: str
    platform: Platform
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Index:
    """The images of several platforms behind one digest."""

    annotations: Mapping[str, str]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image, whose `config` has this digest; or (None) another artifact, which `kind` names."""

    annotations: Mapping[str, str]
    config: str | None
    kind: str = ""


Described: TypeAlias = Index | Manifest


def described(content: Mapping[str, Any], media_type: str, what: str) -> Described:
    """What a registry keeps as `what`; raises Refusal if it is neither image nor artifact.

    https://github.com/opencontainers/image-spec/blob/main/image-index.md and manifest.md.
    """
    if media_type in INDEXES:
        entries = tuple(_entries(content.get("manifests")))
        if not entries:
            raise Refusal(f"{what} is an index that names no platform: nothing could run it")
        if len(entries) > _MAX_PLATFORMS:
            raise Refusal(f"{what} is an index of {len(entries)} images: too many to look at")
        return Index(texts(content.get("annotations")), entries)
    if media_type not in MANIFESTS:
        raise Refusal(f"{what} is no OCI image: its manifest is a '{media_type[:100]}'")
    return manifest(content, what)


def manifest(content: Mapping[str, Any], what: str) -> Manifest:
    """The manifest of an image or artifact; raises Refusal if it has no config.

    A Helm chart's config is no image's, and some artifacts have an empty one:

    https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage
    """
    annotations = texts(content.get("annotations"))
    match content.get("config"):
        case {"digest": str(digest), **rest} if is_digest(digest):
            kind = rest.get("mediaType")
            if not isinstance(kind, str) or kind in _CONFIGS:
                return Manifest(annotations, digest)
            named = content.get("artifactType")
            return Manifest(annotations, None, named if isinstance(named, str) else kind)
        case _:
            raise Refusal(f"{what} is a manifest without a config: no image")


def _entries(manifests: object) -> Iterator[Entry]:
    """The images of an index: what names no platform, as attestations do not, is none."""
    for one in manifests if isinstance(manifests, list) else ():
        match one:
            case {"digest": str(digest), "platform": dict(said)} if is_digest(digest):
                platform = platform_of(said)
                if platform is not None:
                    yield Entry(digest, platform, texts(one.get("annotations")))


def platform_of(said: Mapping[str, Any]) -> Platform | None:
    """The platform that an index's entry or an image's config names; None if it names none."""
    words = [said.get(name) for name in ("os", "architecture")]
    variant = said.get("variant") or ""
    named = [one for one in (*words, variant) if isinstance(one, str)]
    if len(named) < 3 or "unknown" in named or not all(words):
        return None
    try:
        return Platform(*named)
    except Refusal:
        return None


def json_object(content: bytes, what: str) -> Mapping[str, Any]:
    """The JSON object a registry gives as `what`; raises Refusal."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{what} is no JSON: {error}") from error
    if not isinstance(said, dict):
        raise Refusal(f"{what} is no JSON object")
    return said


def texts(value: object) -> Mapping[str, str]:
    """The entries of a JSON object that are texts."""
    if not isinstance(value, dict):
        return {}
    return {name: text for name, text in value.items() if isinstance(text, str)}
