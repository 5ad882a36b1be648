"""A container disk as registries keep it: configuration, manifest, and an index over several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from github_app.publishing.blob import Blob, json_blob

CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
# The label by which quay.io/containerdisks say which of the publisher's files is inside.
SHASUM = "shasum"
_OCI = "org.opencontainers.image."
CREATED, SOURCE = f"{_OCI}created", f"{_OCI}source"
VERSION, TITLE = f"{_OCI}version", f"{_OCI}title"
_OS = "linux"


@dataclass(frozen=True, slots=True)
class Said:
    """What an image says of itself: when its disk was made, labels, and `NAME=VALUE` variables.

    CDI turns variables such as `INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE` into labels of the
    imported disk.
    """

    created: datetime
    labels: Mapping[str, str] = field(default_factory=dict)
    env: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerDisk:
    """An image for one architecture: its manifest, and the configuration and layer it names."""

    architecture: str
    manifest: Blob
    config: Blob
    layer: Blob
    labels: Mapping[str, str]


def container_disk(architecture: str, layer: Blob, said: Said) -> ContainerDisk:
    """The image around a layer that is not compressed; the same arguments give the same digest.

    https://github.com/opencontainers/image-spec/blob/main/config.md
    """
    created = timestamp(said.created)
    labels = {**said.labels, CREATED: created}
    config = json_blob(
        CONFIG,
        {
            "architecture": architecture,
            "os": _OS,
            "created": created,
            "config": {"Labels": labels, "Env": sorted(said.env)},
            "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
            "history": [{"created": created, "created_by": "towline disk publish"}],
        },
    )
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.descriptor(),
        "layers": [layer.descriptor()],
    }
    return ContainerDisk(architecture, json_blob(MANIFEST, manifest), config, layer, labels)


def top(disks: Sequence[ContainerDisk]) -> Blob:
    """What the tag names: the manifest of the only image, or the index over several.

    The index says what all images say alike, where it is said of images in general.
    https://github.com/opencontainers/image-spec/blob/main/image-index.md
    """
    if len(disks) == 1:
        return disks[0].manifest
    ordered = sorted(disks, key=lambda one: one.architecture)
    alike = reduce(lambda one, other: one & other, (set(one.labels.items()) for one in ordered))
    content = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [_of_platform(one) for one in ordered],
        "annotations": {name: text for name, text in alike if name.startswith(_OCI)},
    }
    return json_blob(INDEX, content)


def timestamp(time: datetime) -> str:
    """The time in UTC to the second, as RFC 3339 writes it."""
    return time.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _of_platform(disk: ContainerDisk) -> dict[str, Any]:
    platform = {"os": _OS, "architecture": disk.architecture}
    return {**disk.manifest.descriptor(), "platform": platform}
