"""Small real images: built in memory, pushed through the registry's HTTP API."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import requests

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes a registry keeps under their own hash."""

    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        """`sha256:` and 64 hex digits."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    def descriptor(self) -> dict[str, Any]:
        """How manifests name this blob.

        The three fields of https://github.com/opencontainers/image-spec/blob/main/descriptor.md.
        """
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """An image for one platform: the manifest, and the config and layers it names."""

    manifest: Blob
    blobs: tuple[Blob, ...]
    architecture: str


def image(
    files: Mapping[str, bytes],
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    created: datetime = _LONG_AGO,
    architecture: str = "amd64",
) -> BuiltImage:
    """An image with one layer of `files`; the same arguments always give the same digest."""
    archive = _tar(files)
    layer = Blob(_LAYER, gzip.compress(archive, mtime=0))
    config = {
        "created": created.isoformat(),
        "architecture": architecture,
        "os": "linux",
        "config": {"Labels": dict(labels or {})},
        "rootfs": {"type": "layers", "diff_ids": [Blob(_LAYER, archive).digest]},
    }
    built = Blob(_CONFIG, _json(config))
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": built.descriptor(),
        "layers": [layer.descriptor()],
        "annotations": dict(annotations or {}),
    }
    return BuiltImage(Blob(_MANIFEST, _json(manifest)), (built, layer), architecture)


def index(images: tuple[BuiltImage, ...], annotations: Mapping[str, str] | None = None) -> Blob:
    """The manifest list over `images`, one per architecture."""
    manifests = [
        {**one.manifest.descriptor(), "platform": {"os": "linux", "architecture": one.architecture}}
        for one in images
    ]
    content = {
        "schemaVersion": 2,
        "mediaType": _INDEX,
        "manifests": manifests,
        "annotations": dict(annotations or {}),
    }
    return Blob(_INDEX, _json(content))


class Pusher:
    """A registry at a base URL, to push to."""

    def __init__(self, url: str, auth: tuple[str, str] | None = None) -> None:
        self._url = url
        self._session = requests.Session()
        # The loopback registry must not be asked through the proxy of the environment.
        self._session.trust_env = False
        self._session.auth = auth

    def push_image(self, repository: str, tag: str, built: BuiltImage) -> str:
        """The digest now behind `repository:tag`, an image for one platform."""
        self._push_blobs(repository, built)
        return self._push_manifest(repository, tag, built.manifest)

    def push_index(
        self,
        repository: str,
        tag: str,
        images: tuple[BuiltImage, ...],
        annotations: Mapping[str, str] | None = None,
    ) -> str:
        """The digest now behind `repository:tag`, an image for several platforms."""
        for one in images:
            self._push_blobs(repository, one)
            self._push_manifest(repository, one.manifest.digest, one.manifest)
        return self._push_manifest(repository, tag, index(images, annotations))

    def _push_blobs(self, repository: str, built: BuiltImage) -> None:
        for blob in built.blobs:
            place = f"{self._url}/v2/{repository}/blobs"
            if self._session.head(f"{place}/{blob.digest}", timeout=_TIMEOUT).ok:
                continue
            upload = self._session.post(f"{place}/uploads/", timeout=_TIMEOUT)
            upload.raise_for_status()
            self._session.put(
                urljoin(self._url, upload.headers["Location"]),
                params={"digest": blob.digest},
                data=blob.content,
                headers={"Content-Type": "application/octet-stream"},
                timeout=_TIMEOUT,
            ).raise_for_status()

    def _push_manifest(self, repository: str, reference: str, manifest: Blob) -> str:
        self._session.put(
            f"{self._url}/v2/{repository}/manifests/{reference}",
            data=manifest.content,
            headers={"Content-Type": manifest.media_type},
            timeout=_TIMEOUT,
        ).raise_for_status()
        return manifest.digest


def _tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
