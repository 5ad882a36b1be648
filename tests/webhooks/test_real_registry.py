"""A real CNCF distribution registry sends its real notifications to the App."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from github_app.events import ImagePushed
from github_app.inbox.ports import Claim, State
from github_app.inbox.sqlite import SqliteInbox
from github_app.wsgi_server import Server
from plugin.artifact import Repository
from tests.github_app.apps import NOW, REGISTRY_SECRET, World

REGISTRY = Path(__file__).parent.parent.parent / ".tools" / "bin" / "registry"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = """
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {root}/blobs}}}}
http: {{addr: "{host}"}}
notifications:
  endpoints:
    - name: towline
      url: {url}/webhooks/distribution
      headers: {{Authorization: ["Bearer {secret}"]}}
      timeout: 5s
      threshold: 3
      backoff: 100ms
"""

pytestmark = pytest.mark.skipif(
    not REGISTRY.exists(), reason="the registry is missing: 'make setup' builds it"
)


class Registry:
    """The registry in a process of its own."""

    def __init__(self, root: Path, url: str, secret: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        config = root / "registry.yml"
        config.write_text(CONFIG.format(root=root, host=self.host, url=url, secret=secret))
        self.log = (root / "registry.log").open("wb")
        self.process = subprocess.Popen(
            [REGISTRY, "serve", config], stdout=self.log, stderr=subprocess.STDOUT
        )
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return requests.get(f"http://{self.host}/v2/", timeout=5).ok
        except requests.ConnectionError:
            return False

    def push(self, path: str, tag: str) -> None:
        """Push an image of one configuration and no layers."""
        base = f"http://{self.host}/v2/{path}"
        content = b'{"architecture": "amd64", "os": "linux"}'
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        place = requests.post(f"{base}/blobs/uploads/", timeout=10).headers["Location"]
        put = requests.put(place, params={"digest": digest}, data=content, timeout=10)
        assert put.status_code == 201, put.text
        kind = "application/vnd.oci.image.config.v1+json"
        config = {"mediaType": kind, "digest": digest, "size": len(content)}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
        put = requests.put(
            f"{base}/manifests/{tag}",
            data=json.dumps(manifest),
            headers={"Content-Type": MANIFEST},
            timeout=10,
        )
        assert put.status_code == 201, put.text

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


def until(condition: Callable[[], object]) -> None:
    """Wait for something another process does; the limit is only for when it never does."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[SqliteInbox]:
    found = SqliteInbox.open(tmp_path / "inbox.sqlite")
    yield found
    found.close()


def test_a_pushed_tag_reaches_the_inbox(inbox: SqliteInbox, tmp_path: Path) -> None:
    world = World(inbox)
    with Server(world.app(), "127.0.0.1", 0) as server:
        registry = Registry(tmp_path, server.url, REGISTRY_SECRET.reveal())
        try:
            registry.push("acme/web", "1.0.0")
            until(lambda: world.woken)
        finally:
            registry.stop()
    claim = inbox.claim(NOW)
    assert isinstance(claim, Claim)
    assert claim.events == (ImagePushed(Repository(registry.host, "acme/web"), "1.0.0"),)
    assert claim.deliveries == 1, "layers are no work"


def test_a_registry_with_another_secret_brings_nothing(inbox: SqliteInbox, tmp_path: Path) -> None:
    world = World(inbox)
    with Server(world.app(), "127.0.0.1", 0) as server:
        registry = Registry(tmp_path, server.url, "another secret")
        try:
            registry.push("acme/web", "1.0.0")
            until(lambda: b'answer="forged"' in world.metrics.exposition()[0])
        finally:
            registry.stop()
    assert inbox.counts()[State.PENDING] == 0
