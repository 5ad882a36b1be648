"""Tags and images, read from a real registry, and from some that lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from github_app.sandbox.images import Pusher, image, index
from github_app.sandbox.registry import RunningRegistry, registry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.ports import Login
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Repository
from plugin.errors import Refusal

# gate:hush
HTPASSWD = "gate:$2b$04$1dqPMVYDkrzvCIqynFGz9OfJvWeYmkwOdgOWBNA/aNgjs9sseYd..\n"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SOURCE = "org.opencontainers.image.source"
CREATED = "org.opencontainers.image.created"
WEB = Repository.parse("ghcr.io/acme/web")
BASE = "https://ghcr.io/v2/acme/web"


@pytest.fixture(scope="module")
def running(
    registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningRegistry]:
    with registry(registry_binary, tmp_path_factory.mktemp("registry")) as running:
        yield running


def oci(login: Login | None = None) -> OciRegistry:
    return OciRegistry(RegistryHttp(requests.Session(), lambda host: login))


def test_an_image_is_resolved_with_what_it_says_of_itself(running: RunningRegistry) -> None:
    built = image(
        {"v": b"1"},
        labels={SOURCE: "https://label.example", "other": "x"},
        annotations={"org.opencontainers.image.revision": "abc"},
        created=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    digest = Pusher(running.url).push_image("acme/one", "1.0.0", built)
    found = oci().resolve(Repository(running.host, "acme/one"), "1.0.0")
    assert found is not None
    assert (found.digest, found.media_type) == (digest, MANIFEST)
    assert found.labels == {
        SOURCE: "https://label.example",
        "org.opencontainers.image.revision": "abc",
    }
    assert found.created == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_index_is_pinned_by_its_own_digest(running: RunningRegistry) -> None:
    arches = tuple(
        image({"v": b"1"}, labels={SOURCE: "https://label.example"}, architecture=name)
        for name in ("amd64", "arm64")
    )
    said = {SOURCE: "https://index.example", CREATED: "2026-02-03T04:05:06Z"}
    digest = Pusher(running.url).push_index("acme/two", "1.0.0", arches, said)
    found = oci().resolve(Repository(running.host, "acme/two"), "1.0.0")
    assert found is not None
    assert found.digest == digest == index(arches, said).digest
    assert found.labels[SOURCE] == "https://index.example"
    assert found.created == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_a_moved_tag_has_another_digest_and_an_unknown_one_none(running: RunningRegistry) -> None:
    place = Repository(running.host, "acme/moved")
    first = Pusher(running.url).push_image("acme/moved", "1", image({"v": b"1"}))
    assert oci().resolve(place, "1") == oci().resolve(place, "1")
    second = Pusher(running.url).push_image("acme/moved", "1", image({"v": b"2"}))
    found = oci().resolve(place, "1")
    assert found is not None
    assert found.digest == second != first
    assert oci().digest(place, "1") == second
    assert oci().resolve(place, "2") is None
    assert oci().digest(place, "2") is None


def test_tags_are_listed_and_an_unknown_repository_refused(running: RunningRegistry) -> None:
    for tag in ("1.0.0", "1.1.0"):
        Pusher(running.url).push_image("acme/tags", tag, image({"v": tag.encode()}))
    assert oci().tags(Repository(running.host, "acme/tags")) == ("1.0.0", "1.1.0")
    with pytest.raises(Refusal, match=r"has no repository acme/none \(yet\)"):
        oci().tags(Repository(running.host, "acme/none"))


def test_a_registry_with_passwords_wants_the_right_one(
    registry_binary: Path, tmp_path: Path
) -> None:
    with registry(registry_binary, tmp_path, htpasswd=HTPASSWD) as running:
        digest = Pusher(running.url, ("gate", "hush")).push_image("web", "1", image({"v": b"1"}))
        place = Repository(running.host, "web")
        found = oci(Login("gate", "hush")).resolve(place, "1")
        assert found is not None
        assert found.digest == digest
        for login in (Login("gate", "wrong"), None):
            with pytest.raises(Refusal, match="does not show web to"):
                oci(login).tags(place)


@responses.activate
def test_tags_are_read_page_by_page() -> None:
    following = "/v2/acme/web/tags/list?last=b&n=1000"
    responses.get(
        f"{BASE}/tags/list?n=1000",
        json={"name": "acme/web", "tags": ["a", "b"]},
        headers={"Link": f'<{following}>; rel="next"'},
    )
    responses.get(f"https://ghcr.io{following}", json={"tags": ["c", "not a tag", 7]})
    assert oci().tags(WEB) == ("a", "b", "c")


@responses.activate
def test_pages_without_an_end_are_refused() -> None:
    again = {"Link": f'<{BASE}/tags/list?n=1000>; rel="next"'}
    responses.get(f"{BASE}/tags/list?n=1000", json={"tags": ["a"]}, headers=again)
    with pytest.raises(Refusal, match="too many"):
        oci().tags(WEB)


@responses.activate
@pytest.mark.parametrize("tags", [None, []])
def test_a_repository_without_tags_has_none(tags: list[str] | None) -> None:
    responses.get(f"{BASE}/tags/list?n=1000", json={"tags": tags})
    assert oci().tags(WEB) == ()


@responses.activate
@pytest.mark.parametrize("body", ["<html>", "[]", '{"tags": "a"}', "[" * 100_000])
def test_a_list_that_is_none_is_refused(body: str) -> None:
    responses.get(f"{BASE}/tags/list?n=1000", body=body)
    with pytest.raises(Refusal, match=r"ghcr\.io"):
        oci().tags(WEB)


def serve(
    manifest: dict[str, Any] | bytes, *, digest: str | None = None, kind: str = MANIFEST
) -> str:
    """One manifest behind the tag `1` at ghcr.io; its true digest."""
    body = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    headers = {} if digest is None else {"Docker-Content-Digest": digest}
    responses.get(f"{BASE}/manifests/1", body=body, content_type=kind, headers=headers)
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def config(content: dict[str, Any]) -> dict[str, Any]:
    """A manifest whose config is served too."""
    body = json.dumps(content).encode()
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    responses.get(f"{BASE}/blobs/{digest}", body=body)
    return {"config": {"digest": digest}}


@responses.activate
def test_a_registry_that_lies_about_a_digest_is_refused_with_both() -> None:
    lie = f"sha256:{'0' * 64}"
    true = serve(config({}), digest=lie)
    with pytest.raises(Refusal) as caught:
        oci().resolve(WEB, "1")
    assert lie in str(caught.value)
    assert true in str(caught.value)


@responses.activate
def test_a_config_that_is_not_what_the_manifest_names_is_refused() -> None:
    digest = f"sha256:{'1' * 64}"
    responses.get(f"{BASE}/blobs/{digest}", json={})
    serve({"config": {"digest": digest}})
    with pytest.raises(Refusal, match=digest):
        oci().resolve(WEB, "1")


@responses.activate
def test_a_config_that_is_missing_is_refused() -> None:
    digest = f"sha256:{'1' * 64}"
    responses.get(f"{BASE}/blobs/{digest}", status=404)
    serve({"config": {"digest": digest}})
    with pytest.raises(Refusal, match="push the image again"):
        oci().resolve(WEB, "1")


@responses.activate
def test_a_registry_that_names_no_digest_is_taken_by_the_bodys() -> None:
    true = serve(config({}))
    found = oci().resolve(WEB, "1")
    assert found is not None
    assert (found.digest, found.created) == (true, None)


@responses.activate
def test_other_strong_digests_are_checked_too() -> None:
    manifest = json.dumps(config({})).encode()
    digest = f"sha512:{hashlib.sha512(manifest).hexdigest()}"
    serve(manifest, digest=digest)
    found = oci().resolve(WEB, "1")
    assert found is not None
    assert found.digest == digest


@responses.activate
@pytest.mark.parametrize(
    ("manifest", "kind", "text"),
    [
        ({}, "application/vnd.docker.distribution.manifest.v1+prettyjws", "no OCI image"),
        ({}, "text/html", "no OCI image"),
        ({}, MANIFEST, "without a config"),
        ({"config": {"digest": "sha256:x"}}, MANIFEST, "without a config"),
        ({}, "application/vnd.oci.image.index.v1+json", "names no platform"),
        ({"manifests": 3}, "application/vnd.oci.image.index.v1+json", "names no platform"),
        (
            {
                "manifests": [
                    {
                        "digest": f"sha256:{'2' * 64}",
                        "platform": {"os": "unknown", "architecture": "unknown"},
                    }
                ]
            },
            "application/vnd.oci.image.index.v1+json",
            "names no platform",
        ),
        (b"<html>", MANIFEST, "no JSON"),
        (b"3", MANIFEST, "no JSON object"),
    ],
)
def test_what_is_no_image_is_refused(
    manifest: dict[str, Any] | bytes, kind: str, text: str
) -> None:
    serve(manifest, kind=kind)
    with pytest.raises(Refusal, match=text):
        oci().resolve(WEB, "1")


@responses.activate
@pytest.mark.parametrize(
    ("annotations", "labels", "created", "expected"),
    [
        (
            {CREATED: "2026-01-03T00:00:00Z"},
            {CREATED: "2026-01-09T00:00:00Z"},
            "2026-01-08T00:00:00Z",
            3,
        ),
        ({"org.label-schema.build-date": "2026-01-04T00:00:00Z"}, {}, "2026-01-08T00:00:00Z", 4),
        ({}, {CREATED: "2026-01-05T00:00:00Z"}, "1970-01-01T00:00:00Z", 5),
        ({}, {CREATED: "2026-01-05T00:00:00Z"}, "2026-01-08T00:00:00.123456789Z", 8),
        ({CREATED: "yesterday"}, {CREATED: "2026-01-05"}, None, None),
    ],
)
def test_the_build_time_is_taken_in_kargos_order(
    annotations: dict[str, str], labels: dict[str, str], created: str | None, expected: int | None
) -> None:
    serve(
        {**config({"created": created, "config": {"Labels": labels}}), "annotations": annotations}
    )
    found = oci().resolve(WEB, "1")
    assert found is not None
    assert (None if found.created is None else found.created.day) == expected
