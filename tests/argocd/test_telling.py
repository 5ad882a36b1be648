"""What Argo CD says of an Application: by its own template engine, and by its own API."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from github_app.argocd.api import ArgocdApi
from github_app.argocd.settings import ArgocdSettings
from github_app.events import ApplicationReported, Understood
from github_app.identity import Identity
from github_app.signatures import Secret
from github_app.webhooks import DIALECTS
from github_app.webhooks.message import Credentials, Delivered
from tests.argocd.chain import SETTINGS
from tests.argocd.controllers import ArgoCd
from tests.argocd.processes import until
from tests.argocd.shops import NAME, PrivateShop, manifest, private_shop

TOLD = SETTINGS.parent / "towline" / "settings.yaml"
SUBSCRIBED = {"notifications.argoproj.io/subscribe.towline-app.towline": ""}
# No object may be called so: Argo CD compares it, and cannot apply it.
BROKEN = manifest(2).replace("name: shop", 'name: "Not \\"a\\" name"')


class Nobody:
    """Trusts no token."""

    def claims(self, token: str) -> None:
        """None, whatever the token."""


class Receiver(HTTPServer):
    """The App's webhook address, as far as a dialect reads what comes there."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[ApplicationReported] = []
        self.refused: list[str] = []

    def told(self, headers: dict[str, str], body: bytes, path: str) -> None:
        dialect, delivered = DIALECTS["argocd"], Delivered(headers, body)
        sender = dialect.proven(delivered, Credentials((Secret("s3cret"),), Nobody()))
        if sender is None or path != "/webhooks/argocd":
            self.refused.append(f"{path}: {headers}")
            return
        match dialect.read(delivered, Identity(1, "towline"), sender).reading:
            case Understood((ApplicationReported() as report,)):
                self.received.append(report)
            case other:
                self.refused.append(f"{other}: {body!r}")


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self.server.told(headers, body, self.path)
        except Exception as error:  # shown by the test, which has its own thread
            self.server.refused.append(f"{error!r}: {body!r}")
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is not a log."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PrivateShop]:
    with private_shop(tmp_path) as found:
        yield found


def create(argo: ArgoCd, shop: PrivateShop, name: str) -> None:
    application = shop.application(name, shop.reader)
    argo.create(application)
    argo.api.apply(application.resource(annotations=SUBSCRIBED))


def says(receiver: Receiver, name: str, revision: str, state: str) -> ApplicationReported | None:
    assert receiver.refused == []
    return next(
        (
            one
            for one in receiver.received
            if (one.application, one.revisions, one.state) == (name, (revision,), state)
        ),
        None,
    )


def complains(receiver: Receiver, revision: str, words: str) -> bool:
    assert receiver.refused == []
    told = [one for one in receiver.received if one.revisions == (revision,)]
    assert not any(one.state == "success" for one in told)
    return any(words in one.said for one in told)


def test_our_template_is_understood(argo: ArgoCd, shop: PrivateShop) -> None:
    settings: dict[str, Any] = yaml.safe_load(TOLD.read_text(encoding="utf-8"))["data"]
    with receiving() as receiver:
        secrets = {
            "towline-url": f"http://127.0.0.1:{receiver.server_port}",
            "towline-secret": "s3cret",
        }
        process = argo.run_notifications(settings, secrets)
        try:
            create(argo, shop, "telling")
            argo.synced("telling", shop.tip())
            good = partial(says, receiver, "telling", shop.tip(), "success")
            report = until(good, "the word that it runs")
            assert report is not None
            assert report.repository == NAME
            assert report.said.startswith("Synced, Healthy, sync Succeeded")
            assert datetime.fromisoformat(report.at).tzinfo is not None
            broken = shop.commit(BROKEN)
            argo.refresh("telling")
            # Argo CD tries several times before it calls that a failure.
            bad = partial(complains, receiver, broken, '"Not ')
            assert until(bad, "the word that it cannot be applied")
        finally:
            argo.processes.stop_one(process)


def test_its_api_says_the_same(argo: ArgoCd, shop: PrivateShop) -> None:
    url = argo.run_server("s3cret")
    create(argo, shop, "asked")
    argo.synced("asked", shop.tip())
    with requests.Session() as session:
        api = ArgocdApi(ArgocdSettings(url, Secret("any")), session, lambda: datetime.now(UTC))
        report = api.report("asked")
        nobody = api.report("nobody")
    assert report is not None
    assert (report.revisions, report.state) == ((shop.tip(),), "success")
    assert datetime.fromisoformat(report.at).tzinfo is not None
    assert nobody is None
