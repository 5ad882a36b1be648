"""Requests as each kind of sender makes them: its headers, its proof, its address."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from github_app.signatures import Secret, signature_of
from github_app.webhooks import DIALECTS
from github_app.webhooks.message import Credentials, Delivered, Message, Sender
from tests.webhooks.samples import GUID, IDENTITY, SECRET, bodies, changed, sample

TOKEN = "aaaa.bbbb.cccc"
GOOGLE: Mapping[str, object] = {
    "iss": "https://accounts.google.com",
    "aud": "https://towline.example.com/webhooks/gar",
    "sub": "113774264463038321964",
    "email": "push@acme-shop.iam.gserviceaccount.com",
    "email_verified": True,
}
HOME = "https://token.actions.githubusercontent.com"
JOB: Mapping[str, object] = {
    "iss": HOME,
    "aud": "https://towline.example.com/webhooks/post",
    "sub": "repo:acme/model-training:ref:refs/heads/main",
    "repository": "acme/model-training",
    "repository_owner": "acme",
}


@dataclass(frozen=True)
class Trusting:
    """Tokens, of which one is valid and says this."""

    said: Mapping[str, object]

    def claims(self, token: str) -> Mapping[str, object] | None:
        return self.said if token == TOKEN else None


@dataclass(frozen=True)
class Sent:
    """A request: headers as the sender writes them, and what its address says."""

    headers: Mapping[str, str]
    body: bytes
    token: str = ""
    registry: str = ""

    def delivered(self) -> Delivered:
        lower = {name.lower(): value for name, value in self.headers.items()}
        return Delivered(lower, self.body, self.token, self.registry)

    def but(self, **headers: str | None) -> Sent:
        """With other headers, `_` for `-`; None leaves one out."""
        given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        kept = {k: v for k, v in self.headers.items() if k.lower() not in given}
        return replace(self, headers=kept | {k: v for k, v in given.items() if v is not None})


@dataclass(frozen=True)
class Kind:
    """How a kind of sender makes a request of a sample's name, its body and the secret."""

    headers: Callable[[str, bytes, str], Mapping[str, str]]
    in_address: bool = False
    registry: str = ""
    said: Mapping[str, object] = field(default_factory=dict)


def _mac(secret: str, body: bytes, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()


def _github(name: str, body: bytes, secret: str) -> Mapping[str, str]:
    event = name.partition(".")[0]
    signed = {"X-Hub-Signature-256": signature_of(Secret(secret), body)}
    return {"X-GitHub-Event": event, "X-GitHub-Delivery": GUID, **signed}


def _bearer(_name: str, _body: bytes, secret: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def _harbor(name: str, _body: bytes, secret: str) -> Mapping[str, str]:
    cloud = {"Content-Type": "application/cloudevents+json"} if name.startswith("cloud") else {}
    return {"Authorization": secret, **cloud}


def _gitea(name: str, body: bytes, secret: str) -> Mapping[str, str]:
    event, signature = name.partition(".")[0], _mac(secret, body)
    gitea = {"Event": event, "Event-Type": event, "Delivery": GUID, "Signature": signature}
    named = {f"X-{n}-{k}": v for n in ("Gitea", "Gogs") for k, v in gitea.items()}
    # Both call themselves GitHub as well.
    return {**_github(name, body, secret), **named}


def _gitlab(name: str, _body: bytes, secret: str) -> Mapping[str, str]:
    hook = {"X-Gitlab-Event": "Tag Push Hook"} if name == "hook" else {}
    return {"X-Gitlab-Token": secret, **hook}


def _nexus(name: str, body: bytes, secret: str) -> Mapping[str, str]:
    return {
        "X-Nexus-Webhook-Id": f"rm:repository:{name.partition('.')[0]}",
        "X-Nexus-Webhook-Delivery": GUID,
        "X-Nexus-Webhook-Signature": _mac(secret, body, "sha1"),
    }


def _zot(name: str, _body: bytes, secret: str) -> Mapping[str, str]:
    credentials = base64.b64encode(f"zot:{secret}".encode()).decode()
    basic = {"Authorization": f"Basic {credentials}"}
    if name == "structured":
        return {**basic, "Content-Type": "application/cloudevents+json; charset=utf-8"}
    kind = f"zotregistry.{name.removesuffix('.digest')}"
    attributes = {"Id": GUID, "Source": "zotregistry.dev", "Type": kind, "Specversion": "1.0"}
    return basic | {f"Ce-{key}": value for key, value in attributes.items()}


KINDS: Mapping[str, Kind] = {
    "github": Kind(_github),
    "distribution": Kind(_bearer),
    "dockerhub": Kind(lambda *_: {}, in_address=True),
    "quay": Kind(lambda *_: {}, in_address=True),
    "harbor": Kind(_harbor),
    "acr": Kind(_bearer),
    "ecr": Kind(lambda _name, _body, secret: {"X-Api-Key": secret}),
    "gar": Kind(lambda *_: {"Authorization": f"Bearer {TOKEN}"}, said=GOOGLE),
    "artifactory": Kind(lambda _name, body, secret: {"X-JFrog-Event-Auth": _mac(secret, body)}),
    "gitlab": Kind(_gitlab),
    "gitea": Kind(_gitea),
    "nexus": Kind(_nexus, registry="docker.example.com:8443"),
    "zot": Kind(_zot, registry="zot.example.com:5000"),
    "argocd": Kind(_bearer),
    "post": Kind(
        lambda _name, body, secret: {"X-Towline-Signature-256": f"sha256={_mac(secret, body)}"}
    ),
}


def wire(dialect: str, payload: Any) -> bytes:
    """The payload as it travels: Google's changes are base64 in an envelope."""
    if dialect == "gar":
        try:
            data = payload["message"]["data"]
            packed = base64.b64encode(bodies(data)).decode() if isinstance(data, dict) else data
            payload = {**payload, "message": {**payload["message"], "data": packed}}
        except (KeyError, TypeError):
            pass
    return bodies(payload)


def sent(dialect: str, name: str, body: bytes, secret: str = SECRET.reveal()) -> Sent:
    """A request with this body, rightly proven."""
    kind = KINDS[dialect]
    headers = {"Content-Type": "application/json", **kind.headers(name, body, secret)}
    return Sent(headers, body, secret if kind.in_address else "", kind.registry)


def usual(dialect: str, name: str, values: Mapping[str, object] = {}) -> Sent:
    """A sample as its sender sends it, with other values at dotted places."""
    return sent(dialect, name, wire(dialect, changed(sample(dialect, name), values)))


def credentials(dialect: str, *secrets: Secret) -> Credentials:
    """Those of an App that knows these secrets, and trusts the dialect's usual token."""
    return Credentials(secrets, Trusting(KINDS[dialect].said), HOME)


def proven(dialect: str, request: Sent, *secrets: Secret) -> Sender | None:
    """Who proved to have sent it, to whoever knows these secrets or the usual one."""
    given = credentials(dialect, *(secrets or (SECRET,)))
    return DIALECTS[dialect].proven(request.delivered(), given)


def read(dialect: str, request: Sent) -> Message:
    """What the dialect makes of a request that proves itself; raises Refusal."""
    sender = proven(dialect, request)
    assert sender is not None, "the request proves nothing"
    return DIALECTS[dialect].read(request.delivered(), IDENTITY, sender)
