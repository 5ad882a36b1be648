"""Tags and images, read from a real registry, and from some that lie."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from github_app.sandbox.images import BuiltImage, Pusher, image, index
from github_app.sandbox.registry import RunningRegistry, registry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.ports import HELM_CHART, Login, Resolved
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Repository
from plugin.artifact.platform import Platform
from plugin.errors import Refusal
from tests.passwords import HTPASSWD

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SOURCE = "org.opencontainers.image.source"
CREATED = "org.opencontainers.image.created"
WEB = Repository.parse("ghcr.io/acme/web")
BASE = "https://ghcr.io/v2/acme/web"


def oci(login: Login | None = None) -> OciRegistry:
    return OciRegistry(RegistryHttp(requests.Session(), lambda place: login))


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
    assert found.facts == {
        SOURCE: "https://label.example",
        "org.opencontainers.image.revision": "abc",
    }
    assert (found.platforms, found.kind) == ((Platform.parse("linux/amd64"),), "")
    assert found.created == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_i6c_an_index_is_pinned_by_its_own_digest(running: RunningRegistry) -> None:
    arches = tuple(
        image({"v": b"1"}, labels={SOURCE: "https://label.example"}, architecture=name)
        for name in ("amd64", "arm64")
    )
    said = {SOURCE: "https://index.example", CREATED: "2026-02-03T04:05:06Z"}
    digest = Pusher(running.url).push_index("acme/two", "1.0.0", arches, said)
    found = oci().resolve(Repository(running.host, "acme/two"), "1.0.0")
    assert found is not None
    assert found.digest == digest == index(arches, said).digest
    assert found.facts[SOURCE] == "https://index.example"
    assert found.created == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert [str(one) for one in found.platforms] == ["linux/amd64", "linux/arm64"]


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


def test_tags_are_listed_and_there_are_none_before_the_first_push(running: RunningRegistry) -> None:
    for tag in ("1.0.0", "1.1.0"):
        Pusher(running.url).push_image("acme/tags", tag, image({"v": tag.encode()}))
    assert oci().tags(Repository(running.host, "acme/tags")) == ("1.0.0", "1.1.0")
    assert oci().tags(Repository(running.host, "acme/none")) == ()


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
def test_pages_may_be_anywhere_on_the_same_host() -> None:
    for place, (link, url) in enumerate(
        [
            ("?last=a", f"{BASE}/tags/list?n=1000"),
            ("list?last=b", f"{BASE}/tags/list?last=a"),
            ("http://ghcr.io/v2/acme/web/tags/list?last=c", f"{BASE}/tags/list?last=b"),
        ]
    ):
        headers = {"Link": f'<{link}>; rel="next"'}
        responses.get(url, json={"tags": [f"t{place}"]}, headers=headers)
    responses.get(f"{BASE}/tags/list?last=c", json={"tags": ["t3"]})
    assert oci().tags(WEB) == ("t0", "t1", "t2", "t3")


@responses.activate
def test_pages_that_lead_back_are_refused_at_once() -> None:
    for one, other in (("n=1000", "a"), ("last=a", "b"), ("last=b", "a")):
        link = {"Link": f'<{BASE}/tags/list?last={other}>; rel="next"'}
        responses.get(f"{BASE}/tags/list?{one}", json={"tags": ["x"]}, headers=link)
    with pytest.raises(Refusal, match="without an end"):
        oci().tags(WEB)
    assert len(responses.calls) == 3


@responses.activate
def test_a_page_that_has_not_changed_is_not_read_again() -> None:
    link = {"Link": '</v2/acme/web/tags/list?last=a>; rel="next"', "ETag": '"1"'}
    responses.get(f"{BASE}/tags/list?n=1000", json={"tags": ["a"]}, headers=link)
    responses.get(f"{BASE}/tags/list?last=a", json={"tags": ["b"]})
    registry = oci()
    assert registry.tags(WEB) == ("a", "b")
    same = responses.matchers.header_matcher({"If-None-Match": '"1"'})
    responses.replace(responses.GET, f"{BASE}/tags/list?n=1000", status=304, match=[same])
    assert registry.tags(WEB) == ("a", "b")


@responses.activate
def test_a_registry_that_refuses_large_pages_gets_small_ones() -> None:
    many = [f"1.{number}.0" for number in range(1000)]
    link = {"Link": '</v2/acme/web/tags/list?last=x>; rel="next"'}
    first = responses.get(f"{BASE}/tags/list?n=1000", json={"tags": many}, headers=link)
    responses.get(f"{BASE}/tags/list?last=x", json={"tags": ["latest"]})
    large = responses.get(f"{BASE}/tags/list?n=2000", status=400)
    registry = oci()
    for _ in range(3):
        assert registry.tags(WEB) == (*many, "latest")
    assert (first.call_count, large.call_count) == (3, 1)


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
    ("manifest", "text"),
    [(b"<html>", "no JSON"), (b"3", "no JSON object"), ({}, "without a config")],
)
def test_what_is_no_image_is_refused(manifest: dict[str, Any] | bytes, text: str) -> None:
    serve(manifest)
    with pytest.raises(Refusal, match=text):
        oci().resolve(WEB, "1")


@responses.activate
@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream", ""])
def test_a_manifest_may_say_itself_what_it_is(kind: str) -> None:
    serve({**config({}), "mediaType": MANIFEST}, kind=kind)
    found = oci().resolve(WEB, "1")
    assert found is not None
    assert found.media_type == MANIFEST


AMD, ARM, S390 = (Platform("linux", name) for name in ("amd64", "arm64", "s390x"))


def built(architecture: str, day: int) -> BuiltImage:
    said = {SOURCE: f"https://{architecture}.example"}
    time = datetime(2026, 4, day, tzinfo=UTC)
    return image({"v": b"1"}, labels=said, architecture=architecture, created=time)


def test_i6_an_index_is_described_by_the_image_for_the_platform(running: RunningRegistry) -> None:
    place = Repository(running.host, "acme/arches")
    digest = Pusher(running.url).push_index(
        "acme/arches", "1", (built("amd64", 1), built("arm64", 9))
    )
    described = {one: oci().resolve(place, "1", one) for one in (None, AMD, ARM, S390)}
    assert {one and one.digest for one in described.values()} == {digest}
    assert [one and one.facts.get(SOURCE) for one in described.values()] == [
        "https://amd64.example",
        "https://amd64.example",
        "https://arm64.example",
        None,
    ]
    assert [one and one.created and one.created.day for one in described.values()] == [
        *(1, 1, 9, None)
    ]
    assert [one and one.runs_on(ARM) for one in described.values()] == [True] * 4
    assert [one and one.runs_on(S390) for one in described.values()] == [False] * 4


def test_i3_the_newest_of_all_images_dates_an_index(running: RunningRegistry) -> None:
    place, pusher = Repository(running.host, "acme/dated"), Pusher(running.url)
    pusher.push_index("acme/dated", "1", (built("amd64", 1), built("arm64", 9)))
    said = {CREATED: "2026-04-05T00:00:00Z"}
    pusher.push_index("acme/dated", "2", (built("amd64", 1), built("arm64", 9)), said)
    pusher.push_image("acme/dated", "3", built("amd64", 3))
    for platform, days in ((None, [9, 5, 3]), (AMD, [1, 5, 3]), (ARM, [9, 5, 3])):
        found = oci().dated(place, ["1", "2", "3", "none"], platform)
        assert list(found) == ["1", "2", "3"]
        assert [one.created and one.created.day for one in found.values()] == days


def test_w12_what_is_kept_under_a_digest_is_read_once(running: RunningRegistry) -> None:
    place, pusher = Repository(running.host, "acme/parts"), Pusher(running.url)
    for tag in ("1", "2"):
        pusher.push_index("acme/parts", tag, (built("amd64", 1), built("arm64", 9)))
    session, asked = requests.Session(), list[str]()
    session.hooks["response"].append(lambda answer, **_: asked.append(answer.url))
    registry = OciRegistry(RegistryHttp(session, lambda place: None))
    first = registry.resolve(place, "1")
    assert len(asked) == 3
    assert registry.resolve(place, "2") == first
    assert len(asked) == 4
    registry.dated(place, ["1"])
    assert len(asked) == 4 + 1 + 2, "the index, the other image's manifest and config"
    registry.dated(place, ["1", "2"])
    assert len(asked) == 7 + 2, "two indexes"
    no_memory = OciRegistry(RegistryHttp(session, lambda place: None), most_bytes=100)
    no_memory.resolve(place, "1")
    no_memory.resolve(place, "1")
    assert len(asked) == 9 + 3 + 3


def push(running: RunningRegistry, repository: str, tag: str, content: dict[str, Any]) -> str:
    """The digest of a manifest that the registry takes as it is."""
    body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST} | content).encode()
    kind = content.get("mediaType", MANIFEST)
    place = f"{running.url}/v2/{repository}/manifests/{tag}"
    requests.put(place, data=body, headers={"Content-Type": kind}, timeout=10).raise_for_status()
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def blob(running: RunningRegistry, repository: str, kind: str, content: bytes) -> dict[str, Any]:
    place = f"{running.url}/v2/{repository}/blobs/uploads/"
    upload = requests.post(place, timeout=10).headers["Location"]
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    requests.put(upload, params={"digest": digest}, data=content, timeout=10).raise_for_status()
    return {"mediaType": kind, "digest": digest, "size": len(content)}


def test_i6_a_platform_is_asked_for_as_people_write_it(running: RunningRegistry) -> None:
    arches = (built("amd64", 1), built("arm64", 2))
    Pusher(running.url).push_index("acme/buildx", "plain", arches)
    content = json.loads(index(arches).content)
    amd, arm = content["manifests"]
    arm["platform"]["variant"] = "v8"
    arm["annotations"] = {CREATED: "2026-07-08T00:00:00Z"}
    attested = {"vnd.docker.reference.type": "attestation-manifest"}
    nowhere = {"os": "unknown", "architecture": "unknown"}
    attestation = {**amd, "platform": nowhere, "annotations": attested}
    content["manifests"] = [attestation, arm, amd]
    digest = push(running, "acme/buildx", "1", content)
    place = Repository(running.host, "acme/buildx")
    for text in ("linux/arm64", "linux/arm64/v8", "linux/aarch64"):
        platform = Platform.parse(text)
        found = oci().resolve(place, "1", platform)
        assert found is not None
        assert found.digest == digest
        assert found.runs_on(platform)
        assert [str(one) for one in found.platforms] == ["linux/arm64", "linux/amd64"]
        assert found.created == datetime(2026, 7, 8, tzinfo=UTC), "as the index says of it"


def test_a_helm_chart_is_told_in_one_request(running: RunningRegistry) -> None:
    chart = json.dumps({"name": "web", "version": "1.2.3", "apiVersion": "v2"}).encode()
    said = {CREATED: "2026-05-06T00:00:00Z", "org.opencontainers.image.title": "web"}
    config = blob(running, "charts/web", HELM_CHART, chart)
    content = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
    layers = [blob(running, "charts/web", content, b"chart")]
    manifest = {"config": config, "layers": layers, "annotations": said}
    digest = push(running, "charts/web", "1.2.3", manifest)
    session, asked = requests.Session(), list[str]()
    session.hooks["response"].append(lambda answer, **_: asked.append(answer.url))
    registry = OciRegistry(RegistryHttp(session, lambda place: None))
    found = registry.resolve(Repository(running.host, "charts/web"), "1.2.3")
    created = datetime(2026, 5, 6, tzinfo=UTC)
    assert found == Resolved(digest, MANIFEST, said, created, (), HELM_CHART)
    assert not found.runs_on(AMD)
    assert len(asked) == 1


def test_an_artifact_without_a_config_is_told_by_its_type(running: RunningRegistry) -> None:
    empty = blob(running, "acme/model", "application/vnd.oci.empty.v1+json", b"{}")
    manifest = {"artifactType": "application/vnd.acme.model", "config": empty, "layers": [empty]}
    digest = push(running, "acme/model", "1", manifest)
    for asked in (oci().resolve, lambda place, tag: oci().dated(place, [tag])[tag]):
        found = asked(Repository(running.host, "acme/model"), "1")
        assert found == Resolved(digest, MANIFEST, kind="application/vnd.acme.model")
