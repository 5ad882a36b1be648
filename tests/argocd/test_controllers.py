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
from tests.argocd.controllers import ArgoCd
from tests.argocd.processes import until
from tests.argocd.shops import Shop, manifest, private_shop

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


def version(argo: ArgoCd, namespace: str) -> object:
    found = argo.api.get(CONFIG_MAP, "shop", namespace)
    return found and found["data"]["version"]


def test_an_application_is_synced_and_follows_a_push(argo: ArgoCd, shop: Shop) -> None:
    argo.create(shop.application("pushed"))
    synced = argo.synced("pushed", shop.tip())
    assert version(argo, "pushed") == "v1"
    assert [one["kind"] for one in synced["status"]["resources"]] == ["ConfigMap"]

    second = shop.commit(manifest(2))
    argo.refresh("pushed")
    argo.synced("pushed", second)
    assert version(argo, "pushed") == "v2"


def test_a_failing_plugin_is_shown_as_a_condition(argo: ArgoCd, shop: Shop) -> None:
    argo.create(shop.application("broken", "missing.yaml"))
    (condition,) = until(lambda: argo.conditions("broken"), "a condition")
    assert "missing.yaml: No such file or directory" in condition


def test_what_is_no_longer_rendered_is_pruned(argo: ArgoCd, shop: Shop) -> None:
    argo.create(shop.application("pruned"))
    argo.synced("pruned", shop.tip())
    other = shop.commit(manifest(2).replace("shop", "other"))
    argo.refresh("pruned")
    argo.synced("pruned", other)
    assert version(argo, "pruned") is None


def test_a_machine_is_healthy_when_its_status_says_so(argo: ArgoCd, shop: Shop) -> None:
    revision = shop.commit(MACHINE)
    argo.create(shop.application("machine"))
    argo.synced("machine", revision)
    assert argo.health("machine") == "Progressing"
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "printableStatus": "Running"}
    argo.api.patch(VIRTUAL_MACHINE, "shop", "machine", {"status": ready}, "status")
    until(lambda: argo.health("machine") == "Healthy", "the machine to be healthy")


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


def test_a_sync_is_notified(argo: ArgoCd, shop: Shop) -> None:
    with receiving() as receiver:
        url = f"http://127.0.0.1:{receiver.server_port}/"
        service = NOTIFICATIONS["service.webhook.receiver"].format(url=url)
        settings = NOTIFICATIONS | {"service.webhook.receiver": service}
        process = argo.run_notifications(settings, {"receiver-token": "s3cret"})
        argo.create(shop.application("notified"))
        argo.synced("notified", shop.tip())
        expected = ("Bearer s3cret", {"application": "notified", "revision": shop.tip()})
        until(lambda: expected in receiver.received, "the notification")
        argo.processes.stop_one(process)


def test_a_push_told_to_argo_cd_is_synced_without_asking(argo: ArgoCd, tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        shop.hook(f"{argo.run_server('s3cret')}/api/webhook", "s3cret")
        argo.create(shop.application("told", shop.reader))
        argo.synced("told", shop.tip())
        second = shop.commit(manifest(2))
        shop.stand_in.deliver()
        argo.synced("told", second)
    assert version(argo, "told") == "v2"
