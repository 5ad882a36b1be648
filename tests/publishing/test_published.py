"""What stands behind a tag, whoever has pushed it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from github_app.publishing.blob import sha256
from github_app.publishing.published import Published, published
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import RunningRegistry
from plugin.errors import Refusal
from tests.passwords import PASSWORD, USER
from tests.publishing.conftest import writes

BASE = "http://127.0.0.1:5000/v2/acme/vm"
CONFIG = f"sha256:{1:064x}"
CHILD = f"sha256:{2:064x}"
INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"


def test_images_of_others_are_known_by_their_configurations(running: RunningRegistry) -> None:
    pusher = Pusher(running.url, (USER, PASSWORD))
    images = tuple(image({"v": b"1"}, architecture=name) for name in ("amd64", "arm64"))
    digest = pusher.push_index("acme/theirs", "1", images)
    found = published(writes(running.host, "acme/theirs"), "1")
    assert found is not None
    assert found.digest == digest
    assert set(found.manifests.values()) == {one.manifest.digest for one in images}
    assert found.created is not None
    assert published(writes(running.host, "acme/theirs"), "2") is None


def there(content: Any, config: Any = None) -> Published | None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as answers:
        answers.get(f"{BASE}/manifests/1", body=body)
        answers.get(f"{BASE}/manifests/{CHILD}", json={"config": {"digest": CONFIG}})
        answers.get(f"{BASE}/blobs/{CONFIG}", json=config)
        found = published(writes("127.0.0.1:5000", "acme/vm"), "1")
    assert found is not None
    assert found.digest == sha256(body)
    return found


def child(system: str, digest: str = CHILD) -> dict[str, Any]:
    return {"digest": digest, "platform": {"os": system, "architecture": "amd64"}}


def test_attestations_beside_an_image_are_passed_over() -> None:
    other = child("unknown", f"sha256:{3:064x}")
    found = there({"mediaType": INDEX, "manifests": [child("linux"), other]})
    assert found is not None
    assert found.manifests == {CONFIG: CHILD}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no JSON",
        [],
        {"mediaType": INDEX},
        {"mediaType": INDEX, "manifests": [1, {}, child("linux", "../../secret")]},
        {"config": {"digest": "latest"}},
        {"config": 1},
    ],
)
def test_what_is_no_image_is_something_else_than_any_disk(content: Any) -> None:
    found = there(content)
    assert found is not None
    assert found.manifests == {}
    assert found.created is None


@pytest.mark.parametrize("created", [None, 1, "yesterday", "2026-01-01T00:00:00"])
def test_a_time_that_is_none_is_not_known(created: object) -> None:
    found = there({"config": {"digest": CONFIG}}, {"created": created})
    assert found is not None
    assert found.created is None


def test_an_endless_manifest_is_refused() -> None:
    with pytest.raises(Refusal, match="not a manifest"):
        there(b" " * (4 * 1024 * 1024 + 1))
