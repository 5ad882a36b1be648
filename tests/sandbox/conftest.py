"""A small world on the stand-in: an organization, two people, the App, one repository."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Installation
from tests.github.api_server import private_key as made_key

SHOP = "acme/shop"
SECRET = "s3cret"


@dataclass
class Clock:
    """A clock that moves when told."""

    now: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: int) -> None:
        self.now += timedelta(**by)


@dataclass
class Mailbox:
    """Where webhooks arrive; `answer` is the status it gives."""

    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: int = 202

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        self.received.append((dict(headers), body))
        return self.answer, ""

    def events(self) -> list[str]:
        """`event.action` of all that came."""
        return [_name(headers, body) for headers, body in self.received]

    def last(self, name: str) -> dict[str, Any]:
        """The body of the newest event of that name."""
        found = [body for headers, body in self.received if _name(headers, body) == name]
        body: dict[str, Any] = json.loads(found[-1])
        return body


def _name(headers: Mapping[str, str], body: bytes) -> str:
    action = json.loads(body).get("action")
    event = headers["X-GitHub-Event"]
    return f"{event}.{action}" if action else event


@dataclass
class Answer:
    """What came back."""

    status: int
    json: Any
    headers: Mapping[str, str]


@dataclass
class Client:
    """REST and GraphQL with one token."""

    stand_in: StandIn
    token: str

    def __call__(self, method: str, path: str, body: object = None) -> Answer:
        answer = self.stand_in.wsgi.test_client().open(
            path if path.startswith("http") else f"/api/v3{path}",
            method=method,
            headers={"Authorization": f"Bearer {self.token}"},
            data=None if body is None else json.dumps(body),
            content_type="application/json",
        )
        return Answer(answer.status_code, answer.get_json(silent=True), dict(answer.headers))

    def repo(self, method: str, path: str, body: object = None) -> Answer:
        """Below the shop."""
        return self(method, f"/repos/{SHOP}{path}", body)

    def graphql(self, query: str, **variables: object) -> dict[str, Any]:
        """The whole answer."""
        answer = self.stand_in.wsgi.test_client().post(
            "/api/graphql",
            headers={"Authorization": f"Bearer {self.token}"},
            json={"query": query, "variables": variables},
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def data(self, query: str, **variables: object) -> dict[str, Any]:
        """`data` of an answer without errors."""
        body = self.graphql(query, **variables)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data


@dataclass
class Place:
    """The world under test."""

    stand_in: StandIn
    clock: Clock
    mail: Mailbox
    ann: Client
    bob: Client
    app: Client
    jwt: Client
    installation: Installation
    private_key: str

    def tip(self, branch: str = "main") -> str:
        """Where a branch is."""
        return self.stand_in.branches(SHOP)[branch]

    def change(self, branch: str, actor: str = "ann", **files: str) -> str:
        """A commit on a branch; `a__b` stands for the path `a/b`."""
        paths = {name.replace("__", "/"): text for name, text in files.items()}
        return self.stand_in.commit(SHOP, branch, paths, f"Change {branch}", actor)

    def open(self, branch: str, **more: object) -> int:
        """The number of a new pull request into main."""
        body = {"title": f"Take {branch}", "head": branch, "base": "main", **more}
        answer = self.app.repo("POST", "/pulls", body)
        assert answer.status == 201, answer.json
        number: int = answer.json["number"]
        return number

    def pull(self, number: int) -> dict[str, Any]:
        """A pull request as REST shows it."""
        body: dict[str, Any] = self.app.repo("GET", f"/pulls/{number}").json
        return body

    def node(self, kind: str, number: int = 0) -> str:
        """The node id of the shop or of one of its pull requests."""
        path = f"/pulls/{number}" if kind == "PullRequest" else ""
        text: str = self.app.repo("GET", path).json["node_id"]
        return text

    def delivered(self) -> list[str]:
        """Send what waits and name all that was sent since the last time."""
        before = len(self.mail.received)
        self.stand_in.deliver()
        return self.mail.events()[before:]


@pytest.fixture(scope="session")
def private_key() -> str:
    return made_key()


def public_of(private: str) -> str:
    key = serialization.load_pem_private_key(private.encode(), None)
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


def app_jwt(key: str, issuer: object, now: datetime, life: int = 300, ago: int = 60) -> str:
    """An App's JWT."""
    at = int(now.timestamp())
    claims = {"iss": issuer, "iat": at - ago, "exp": at + life}
    return jwt.encode(claims, key, algorithm="RS256")


@pytest.fixture
def place(tmp_path: Path, private_key: str) -> Iterator[Place]:
    clock, mail = Clock(), Mailbox()
    stand_in = StandIn(tmp_path, clock=clock, random=Random(7), post=mail.post)
    ann, bob = stand_in.create_user("ann", name="Ann"), stand_in.create_user("bob")
    stand_in.create_organization("acme")
    files = {"README.md": "# Shop\n", "stages/dev/app.yaml": "a: 1\nb: 2\nc: 3\nd: 4\n"}
    stand_in.create_repository("acme", "shop", files, private=True)
    stand_in.add_collaborator(SHOP, "ann", "admin")
    stand_in.add_collaborator(SHOP, "bob", "write")
    app = stand_in.register_app(
        "towline",
        public_key=public_of(private_key),
        webhook_url="http://app.test/webhooks/github",
        webhook_secret=SECRET,
    )
    installation = stand_in.install("towline", "acme", ["shop"])
    signed = Client(stand_in, app_jwt(private_key, str(app.id), clock.now))
    minted = signed("POST", f"/app/installations/{installation.id}/access_tokens")
    assert minted.status == 201, minted.json
    stand_in.deliver()
    mail.received.clear()
    yield Place(
        stand_in,
        clock,
        mail,
        Client(stand_in, ann),
        Client(stand_in, bob),
        Client(stand_in, minted.json["token"]),
        signed,
        installation,
        private_key,
    )
    stand_in.stop()
