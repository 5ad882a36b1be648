"""Configurations, manifests and indexes, as registries and clusters read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from github_app.publishing.blob import Blob, json_blob
from github_app.publishing.image import ContainerDisk, Said, container_disk, top

CREATED = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
LAYER = json_blob("layer", "a")


def disk(
    architecture: str = "amd64", labels: dict[str, str] | None = None, env: tuple[str, ...] = ()
) -> ContainerDisk:
    return container_disk(architecture, LAYER, Said(CREATED, labels or {}, env))


def content(blob: Blob) -> dict[str, Any]:
    read = json.loads(blob.content())
    assert isinstance(read, dict)
    return read


def test_an_image_says_what_it_is_for_and_what_is_inside() -> None:
    made = disk("arm64", {"shasum": "ab"}, ("B=2", "A=1"))
    config = content(made.config)
    assert (config["os"], config["architecture"]) == ("linux", "arm64")
    assert config["created"] == "2026-01-02T03:04:05Z"
    assert config["rootfs"] == {"type": "layers", "diff_ids": [LAYER.digest]}
    assert config["config"] == {
        "Labels": {"shasum": "ab", "org.opencontainers.image.created": "2026-01-02T03:04:05Z"},
        "Env": ["A=1", "B=2"],
    }
    manifest = content(made.manifest)
    assert manifest["config"] == made.config.descriptor()
    assert manifest["layers"] == [LAYER.descriptor()]


def test_the_same_words_in_any_order_are_the_same_image() -> None:
    one = disk(labels={"a": "1", "b": "2"}, env=("A=1", "B=2"))
    other = disk(labels={"b": "2", "a": "1"}, env=("B=2", "A=1"))
    assert one.manifest.digest == other.manifest.digest
    assert one.manifest.digest != disk("arm64").manifest.digest


def test_one_image_needs_no_index() -> None:
    assert top([disk()]).digest == disk().manifest.digest


def test_an_index_names_each_architecture_and_says_what_all_say() -> None:
    title, source = "org.opencontainers.image.title", "org.opencontainers.image.source"
    one = disk("amd64", {title: "a.qcow2", source: "https://a.example", "shasum": "1"})
    other = disk("arm64", {title: "b.qcow2", source: "https://a.example", "shasum": "1"})
    made = top([other, one])
    assert made.digest == top([one, other]).digest
    index = content(made)
    assert [child["platform"] for child in index["manifests"]] == [
        {"os": "linux", "architecture": "amd64"},
        {"os": "linux", "architecture": "arm64"},
    ]
    assert index["manifests"][0]["digest"] == one.manifest.digest
    assert index["annotations"] == {
        source: "https://a.example",
        "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
    }
