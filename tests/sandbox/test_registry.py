"""The sandbox's registry is a real one: it keeps images, tells of pushes, and ends."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import requests

from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import Notify, registry
from plugin.errors import Refusal
from tests.loopback import Quiet, served
from tests.passwords import HTPASSWD


@contextmanager
def listener() -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    """A server that keeps the notifications it gets."""
    got: queue.Queue[dict[str, Any]] = queue.Queue()

    class _Handler(Quiet, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bearer = self.headers["Authorization"]
            got.put({"bearer": bearer, "type": self.headers["Content-Type"], **json.loads(body)})
            self.send_response(200)
            self.end_headers()

    with served(_Handler) as url:
        yield f"{url}/hook", got


def test_a_pushed_image_can_be_read_back_under_its_digest(
    registry_binary: Path, tmp_path: Path
) -> None:
    with registry(registry_binary, tmp_path) as running:
        built = image({"version": b"1.0.0"}, labels={"a": "b"})
        digest = Pusher(running.url).push_image("acme/web", "1.0.0", built)
        answer = requests.head(
            f"{running.url}/v2/acme/web/manifests/1.0.0",
            headers={"Accept": built.manifest.media_type},
            timeout=5,
        )
    assert answer.headers["Docker-Content-Digest"] == digest == built.manifest.digest


def test_a_push_is_told_once_with_the_bearer_token(registry_binary: Path, tmp_path: Path) -> None:
    with (
        listener() as (url, got),
        registry(registry_binary, tmp_path, notify=Notify(url, "s3cret")) as running,
    ):
        digest = Pusher(running.url).push_image("acme/web", "1.0.0", image({"v": b"1"}))
        told = got.get(timeout=30)
        Pusher(running.url).push_image("acme/web", "1.1.0", image({"v": b"2"}))
        second = got.get(timeout=30)
    assert told["bearer"] == "Bearer s3cret"
    assert told["type"] == "application/vnd.docker.distribution.events.v2+json"  # 2.x says v1
    (event,) = told["events"]
    target = event["target"]
    assert (event["action"], target["repository"], target["tag"], target["digest"]) == (
        "push",
        "acme/web",
        "1.0.0",
        digest,
    )
    assert second["events"][0]["target"]["tag"] == "1.1.0"


def test_an_index_is_told_as_one_tag_with_its_children(
    registry_binary: Path, tmp_path: Path
) -> None:
    arches = tuple(image({"v": b"1"}, architecture=name) for name in ("amd64", "arm64"))
    with (
        listener() as (url, got),
        registry(registry_binary, tmp_path, notify=Notify(url, "x")) as running,
    ):
        digest = Pusher(running.url).push_index("acme/web", "1.0.0", arches)
        events = [got.get(timeout=30)["events"][0]["target"] for _ in range(3)]
    tagged = [one for one in events if "tag" in one]
    assert [one["digest"] for one in tagged] == [digest]
    assert {one["digest"] for one in tagged[0]["references"]} == {
        one.manifest.digest for one in arches
    }


def test_a_registry_with_passwords_turns_strangers_away(
    registry_binary: Path, tmp_path: Path
) -> None:
    with registry(registry_binary, tmp_path, htpasswd=HTPASSWD) as running:
        assert requests.get(f"{running.url}/v2/", timeout=5).status_code == 401
        Pusher(running.url, ("gate", "hush")).push_image("acme/web", "1", image({"v": b"1"}))


def test_the_registry_ends_with_the_block_even_when_interrupted(
    registry_binary: Path, tmp_path: Path
) -> None:
    def interrupted() -> None:
        with registry(registry_binary, tmp_path) as running:
            urls.append(running.url)
            raise KeyboardInterrupt

    urls: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{urls[0]}/v2/", timeout=5)


def test_what_was_pushed_is_there_after_a_restart(registry_binary: Path, tmp_path: Path) -> None:
    with registry(registry_binary, tmp_path) as running:
        Pusher(running.url).push_image("acme/web", "1", image({"v": b"1"}))
    with registry(registry_binary, tmp_path) as running:
        tags = requests.get(f"{running.url}/v2/acme/web/tags/list", timeout=5).json()
    assert tags["tags"] == ["1"]


def test_a_registry_that_cannot_start_is_refused_with_its_own_words(
    registry_binary: Path, tmp_path: Path
) -> None:
    with (
        registry(registry_binary, tmp_path / "one") as running,
        pytest.raises(Refusal, match="address already in use"),
        registry(registry_binary, tmp_path / "two", port=int(running.host.rpartition(":")[2])),
    ):
        pass
