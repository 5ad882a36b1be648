"""The harness itself: Applications are synced into a real API server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.argocd.api import CONFIG_MAP, Kind
from tests.argocd.cluster import Cluster
from tests.argocd.processes import until
from tests.argocd.repo_server import RepoServer
from tests.argocd.shops import Shop, manifest

MACHINE = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: shop}
spec: {runStrategy: Always}
"""
VIRTUAL_MACHINE = Kind("kubevirt.io/v1", "VirtualMachine")
NOTIFICATIONS = {
    "service.webhook.receiver": """\
url: {url}
headers:
  - {{name: Authorization, value: Bearer $receiver-token}}
""",
    "template.synced": """\
webhook:
  receiver:
    method: POST
    body: '{"application": "{{.app.metadata.name}}", "revision": "{{.app.status.sync.revision}}"}'
""",
    "trigger.on-synced": """\
- when: app.status.sync.status == 'Synced'
  oncePer: app.status.sync.revision
  send: [synced]
""",
    "subscriptions": """\
- recipients: [receiver]
  triggers: [on-synced]
""",
}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop.found(tmp_path)


def version(cluster: Cluster, namespace: str) -> object:
    found = cluster.api.get(CONFIG_MAP, "shop", namespace)
    return found and found["data"]["version"]


def test_the_cluster_is_the_version_that_was_built(cluster: Cluster) -> None:
    assert cluster.api.version().startswith("v1.")


def test_an_application_is_synced_and_follows_a_push(cluster: Cluster, shop: Shop) -> None:
    cluster.create(shop.application("pushed"))
    synced = cluster.synced("pushed", shop.tip())
    assert version(cluster, "pushed") == "v1"
    assert [one["kind"] for one in synced["status"]["resources"]] == ["ConfigMap"]

    second = shop.commit(manifest(2))
    cluster.refresh("pushed")
    cluster.synced("pushed", second)
    assert version(cluster, "pushed") == "v2"


def test_a_failing_plugin_is_shown_as_a_condition(cluster: Cluster, shop: Shop) -> None:
    cluster.create(shop.application("broken", "missing.yaml"))
    (condition,) = until(lambda: cluster.conditions("broken"), "a condition")
    assert "missing.yaml: No such file or directory" in condition


def test_what_is_no_longer_rendered_is_pruned(cluster: Cluster, shop: Shop) -> None:
    cluster.create(shop.application("pruned"))
    cluster.synced("pruned", shop.tip())
    other = shop.commit(manifest(2).replace("shop", "other"))
    cluster.refresh("pruned")
    cluster.synced("pruned", other)
    assert version(cluster, "pruned") is None


def test_a_machine_is_healthy_when_its_status_says_so(cluster: Cluster, shop: Shop) -> None:
    revision = shop.commit(MACHINE)
    cluster.create(shop.application("machine"))
    cluster.synced("machine", revision)
    assert cluster.health("machine") == "Progressing"
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "printableStatus": "Running"}
    cluster.api.patch(VIRTUAL_MACHINE, "shop", "machine", {"status": ready}, "status")
    until(lambda: cluster.health("machine") == "Healthy", "the machine to be healthy")


class Receiver(HTTPServer):
    """Where webhooks arrive."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[str, object]] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is not a log."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


def test_a_sync_is_notified(cluster: Cluster, repo_server: RepoServer, shop: Shop) -> None:
    with receiving() as receiver:
        url = f"http://127.0.0.1:{receiver.server_port}/"
        service = NOTIFICATIONS["service.webhook.receiver"].format(url=url)
        settings = NOTIFICATIONS | {"service.webhook.receiver": service}
        process = cluster.run_notifications(repo_server, settings, {"receiver-token": "s3cret"})
        cluster.create(shop.application("notified"))
        cluster.synced("notified", shop.tip())
        expected = ("Bearer s3cret", {"application": "notified", "revision": shop.tip()})
        until(lambda: expected in receiver.received, "the notification")
        cluster.processes.stop_one(process)
