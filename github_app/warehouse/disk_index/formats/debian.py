"""Debian's description of a build: one `Upload` for each of its files.

https://salsa.debian.org/cloud-team/debian-cloud-images. The newest build stands in `latest`, under
names without the build; its description says which build it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from github_app.warehouse.disk_index.listed import (
    Listed,
    ListedImage,
    day,
    document,
    is_image,
    mapping,
    sequence,
    text_of,
)
from plugin.errors import Refusal

_API = "cloud.debian.org/"
_FORMAT = f"upload.{_API}image-format"
_BUILD = re.compile(r"(.*/)\*/([^/*]+)-\*\.[^/*]+")


def index(pattern: str) -> str | None:
    """The newest build's description: `latest/debian-12-generic-amd64.json` and the like."""
    found = _BUILD.fullmatch(pattern)
    return f"{found[1]}latest/{found[2]}.json" if found else None


def listed(build: str) -> tuple[Listed, ...]:
    """The disk images that were uploaded of the build; raises Refusal.

    There are several Uploads: `internal` (an archive), `raw`, `qcow2`. `ref` names the file.
    """
    items = sequence(mapping(document(build), "it").get("items"), "'items'")
    objects = [mapping(item, "an item") for item in items]
    uploads = [one for one in objects if one.get("kind") == "Upload"]
    if not uploads:
        raise Refusal("no item of it is an Upload")
    images = [_image(one) for one in uploads]
    return tuple(one for one in images if one is not None)


def _image(upload: Mapping[str, object]) -> Listed | None:
    if not text_of(upload, "apiVersion").startswith(_API):
        raise Refusal(f"an Upload is not of {_API}")
    path = text_of(mapping(upload.get("data"), "'data' of an Upload"), "ref")
    metadata = mapping(upload.get("metadata"), "'metadata' of an Upload")
    labels = mapping(metadata.get("labels"), "'labels' of an Upload")
    if not is_image(path) or text_of(labels, _FORMAT) == "internal":
        return None
    annotations = mapping(metadata.get("annotations") or {}, "'annotations' of an Upload")
    return ListedImage(path, _checksum(annotations), day(text_of(labels, f"{_API}version")))


def _checksum(annotations: Mapping[str, object]) -> str | None:
    """The digest in hexadecimal; Debian writes `sha512:` and base64 without padding."""
    digest = annotations.get(f"{_API}digest")
    if digest is None:
        return None
    kind, _, coded = str(digest).partition(":")
    try:
        raw = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if (kind, len(raw)) not in {("sha512", 64), ("sha256", 32)}:
        raise Refusal(f"the digest '{str(digest)[:120]}' of an Upload is none")
    return f"{kind}:{raw.hex()}"
