"""Argo CD's API against a model of it on this machine, in its documented shape."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests

from github_app.argocd.api import ArgocdApi
from github_app.argocd.settings import ArgocdSettings
from github_app.events import ApplicationReported
from github_app.signatures import Secret
from tests.loopback import Quiet, served

COMMIT, OLDER = "c" * 40, "0" * 40
HEALTHY: Mapping[str, Any] = {
    "metadata": {"name": "shop-dev", "namespace": "argocd"},
    "spec": {"source": {"repoURL": "https://github.com/acme/shop.git", "path": "stages/dev"}},
    "status": {
        "reconciledAt": "2026-01-01T12:00:08Z",
        "sync": {"status": "Synced", "revision": COMMIT},
        "health": {"status": "Healthy"},
        "operationState": {
            "phase": "Succeeded",
            "message": "successfully synced (all tasks run)",
            "finishedAt": "2026-01-01T12:00:07Z",
            "syncResult": {"revision": COMMIT},
        },
    },
}


@dataclass
class Model:
    """One Application, for whoever has the token; what was asked for is noted."""

    status: int = 200
    body: bytes = json.dumps(HEALTHY).encode()
    asked: list[tuple[str, str]] = field(default_factory=list)

    def says(self, **status: object) -> Model:
        self.body = json.dumps({**HEALTHY, "status": {**HEALTHY["status"], **status}}).encode()
        return self


@contextmanager
def api(model: Model) -> Iterator[ArgocdApi]:
    class Handler(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            model.asked.append((self.path, self.headers["Authorization"]))
            self.send_response(model.status)
            self.send_header("Content-Length", str(len(model.body)))
            self.end_headers()
            self.wfile.write(model.body)

    with served(Handler) as url, requests.Session() as session:
        settings = ArgocdSettings(url, Secret("a-token"))
        yield ArgocdApi(settings, session, lambda: datetime(2026, 1, 1, 12, 1, tzinfo=UTC))


def reported(model: Model) -> ApplicationReported:
    with api(model) as argocd:
        found = argocd.report("shop-dev")
    assert found is not None
    return found


def test_how_an_application_stands() -> None:
    model = Model()
    report = reported(model)
    assert model.asked == [("/api/v1/applications/shop-dev", "Bearer a-token")]
    assert (report.application, report.revisions) == ("shop-dev", (COMMIT,))
    assert (report.state, report.at) == ("success", "2026-01-01T12:00:08Z")
    assert report.said == "Synced, Healthy, sync Succeeded: successfully synced (all tasks run)"


def test_a_failed_sync_of_an_older_commit_says_nothing_of_this_one() -> None:
    failed = {"phase": "Failed", "message": "no", "syncResult": {"revision": OLDER}}
    assert reported(Model().says(operationState=failed)).state == "success"
    failed["syncResult"] = {"revision": COMMIT}
    assert reported(Model().says(operationState=failed)).state == "failure"


def test_an_application_of_several_sources_stands_at_several_commits() -> None:
    several = {"status": "Synced", "revisions": ["2.3.1", COMMIT]}
    assert reported(Model().says(sync=several)).revisions == ("2.3.1", COMMIT)


def test_a_degraded_application_says_why() -> None:
    report = reported(Model().says(health={"status": "Degraded", "message": "it crashes"}))
    assert (report.state, report.said) == (
        "failure",
        "Synced, Degraded, sync Succeeded: it crashes",
    )


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Model(status=403), "answers 403"),
        (Model(status=503), "503"),
        (Model(body=b"<html>"), "no JSON"),
        (Model(body=b"[]"), "no Application"),
    ],
)
def test_who_says_nothing_is_logged_and_not_believed(
    model: Model, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), api(model) as argocd:
        assert argocd.report("shop-dev") is None
    assert words in caplog.text
    assert "a-token" not in caplog.text


def test_an_application_that_was_never_compared_says_nothing() -> None:
    with api(Model(body=b'{"status": {"sync": {"status": "Unknown"}}}')) as argocd:
        assert argocd.report("shop-dev") is None


def test_names_do_not_lead_elsewhere() -> None:
    model = Model()
    with api(model) as argocd:
        argocd.report("../session?x=")
    assert model.asked[0][0] == "/api/v1/applications/..%2Fsession%3Fx%3D"
