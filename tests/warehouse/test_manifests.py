"""What registries keep behind a tag is an index, an image, another artifact, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from github_app.warehouse.manifests import Entry, Index, Manifest, described
from plugin.artifact.platform import Platform
from plugin.errors import Refusal

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def entry(digest: str = ONE, system: object = "linux", architecture: object = "amd64") -> object:
    return {"digest": digest, "platform": {"os": system, "architecture": architecture}}


@pytest.mark.parametrize("kind", [INDEX, LIST])
def test_i6d_an_index_is_its_images_with_what_it_says_of_them(kind: str) -> None:
    arm = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    manifests = [
        entry(TWO, "unknown", "unknown"),
        {"digest": ONE, "platform": arm, "annotations": {"a": "b", "c": 3}},
        entry(TWO),
    ]
    content = {"manifests": manifests, "annotations": {"x": "y"}}
    assert described(content, kind, "web:1") == Index(
        {"x": "y"},
        (
            Entry(ONE, Platform("linux", "arm64"), {"a": "b"}),
            Entry(TWO, Platform("linux", "amd64"), {}),
        ),
    )


@pytest.mark.parametrize(
    "manifests",
    [
        None,
        3,
        [],
        [entry(system="unknown")],
        [entry(architecture="unknown")],
        [entry(system="")],
        [entry(architecture=None)],
        [entry(architecture=7)],
        [entry(system="li nux")],
        [entry(digest="sha256:1")],
        [{"digest": ONE}],
        [{"digest": ONE, "platform": None}],
        ["linux/amd64"],
    ],
)
def test_i6e_an_index_that_nothing_could_run_is_refused_by_name(manifests: object) -> None:
    with pytest.raises(Refusal, match=r"web:1 is an index that names no platform"):
        described({"manifests": manifests}, INDEX, "web:1")


def test_an_index_of_very_many_images_is_refused() -> None:
    with pytest.raises(Refusal, match="too many"):
        described({"manifests": [entry()] * 101}, INDEX, "web:1")


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    ],
)
def test_an_image_has_a_config_to_read(kind: str | None) -> None:
    config = {"digest": ONE} if kind is None else {"digest": ONE, "mediaType": kind}
    content = {"config": config, "annotations": {"a": "b"}}
    assert described(content, MANIFEST, "web:1") == Manifest({"a": "b"}, ONE)


def test_another_artifact_is_named_by_its_type_or_its_configs() -> None:
    config = {"digest": ONE, "mediaType": "application/vnd.cncf.helm.config.v1+json"}
    assert described({"config": config}, MANIFEST, "web:1") == Manifest(
        {}, None, "application/vnd.cncf.helm.config.v1+json"
    )
    typed = {"config": config, "artifactType": "application/vnd.acme"}
    assert described(typed, MANIFEST, "web:1") == Manifest({}, None, "application/vnd.acme")


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ({}, "application/vnd.docker.distribution.manifest.v1+prettyjws", "no OCI image"),
        ({}, "text/html", "no OCI image"),
        ({}, MANIFEST, "without a config"),
        ({"config": {"digest": "sha256:x"}}, MANIFEST, "without a config"),
        ({"config": []}, MANIFEST, "without a config"),
    ],
)
def test_what_is_neither_is_refused(content: dict[str, Any], kind: str, text: str) -> None:
    with pytest.raises(Refusal, match=text):
        described(content, kind, "web:1")
