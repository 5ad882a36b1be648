"""The HTTP face over a real inbox, and requests to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Flask
from werkzeug.test import TestResponse

from github_app.app import Parts, create_app
from github_app.inbox.ports import Inbox
from github_app.metrics import Metrics
from github_app.signatures import Secret
from github_app.webhooks import DIALECTS
from github_app.webhooks.message import Tokens
from tests.webhooks.samples import IDENTITY, SECRET, posted

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
REGISTRY_SECRET = Secret("the registry's secret")
SECRETS = dict.fromkeys(DIALECTS, (SECRET,)) | {
    "github": (Secret("the old one"), SECRET),
    "distribution": (REGISTRY_SECRET,),
    "gar": (),
}


@dataclass
class World:
    """What is around the App: whether it was woken, and what it is ready for."""

    inbox: Inbox
    woken: int = 0
    ready: dict[str, bool] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    now: datetime = NOW

    def wake(self) -> None:
        self.woken += 1

    def parts(self) -> Parts:
        ids = itertools.count(1)
        return Parts(
            inbox=self.inbox,
            identity=IDENTITY,
            secrets=SECRETS,
            metrics=self.metrics,
            clock=lambda: self.now,
            new_id=lambda: f"error-{next(ids)}",
            wake=self.wake,
            readiness={name: self._asks(name) for name in self.ready},
            tokens=self.tokens,
        )

    def app(self) -> Flask:
        self.metrics.watch_inbox(self.inbox.counts)
        return create_app(self.parts())

    def _asks(self, name: str) -> Callable[[], bool]:
        return lambda: self.ready[name]


def post(app: Flask, name: str, body: bytes, **headers: str) -> TestResponse:
    """The App's answer to a GitHub delivery with the sample's headers, rightly signed."""
    given = {
        **posted(name, body),
        **{key.replace("_", "-"): value for key, value in headers.items()},
    }
    return app.test_client().post("/webhooks/github", data=body, headers=given)
