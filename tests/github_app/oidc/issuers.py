"""An issuer of OIDC tokens on loopback: publishes its keys, and counts who asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from github_app.oidc.fetch import document
from github_app.oidc.keys import IssuerKeys
from github_app.oidc.tokens import OidcTokens
from github_app.oidc.trust import Trusted
from tests.clocks import START, Clock
from tests.loopback import Quiet, served

AUDIENCE = "https://towline.example"
PINNED = (("repository_owner", "acme"),)


@cache
def rsa_key(name: str, size: int = 2048) -> rsa.RSAPrivateKey:
    """A key, made once for each name."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 key, made once for each name."""
    del name
    return ec.generate_private_key(ec.SECP256R1())


def published(name: str, key: Any, **more: object) -> dict[str, Any]:
    """The key as a set of keys shows it."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else _EC
    shown: dict[str, Any] = kind.to_jwk(key.public_key(), as_dict=True)
    return {**shown, "kid": name, "use": "sig", **more}


_EC = jwt.algorithms.ECAlgorithm


@dataclass
class Issuer:
    """What it publishes can be changed; `asked` are the paths that were asked for."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    configuration: dict[str, object] = field(default_factory=dict)
    status: int = 200
    raw: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def claims(self, at: datetime = START, /, **more: object) -> dict[str, Any]:
        """The claims of a good token; a value of `...` takes its claim away."""
        seconds = int(at.timestamp())
        said = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "repo:acme/web:ref:refs/heads/main",
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + 300,
            "repository": "acme/web",
            "repository_owner": "acme",
            **more,
        }
        return {name: value for name, value in said.items() if value is not ...}

    def token(self, at: datetime = START, /, **more: object) -> str:
        """A good token but for the claims given."""
        return jwt.encode(self.claims(at, **more), rsa_key("one"), "RS256", {"kid": "one"})

    def answer(self, path: str) -> bytes:
        """What stands at a path."""
        self.asked.append(path)
        if self.raw is not None:
            return self.raw
        if path.startswith("/token?"):
            (audience,) = parse_qs(urlsplit(path).query)["audience"]
            return json.dumps({"value": self.token(aud=audience)}).encode()
        if path == "/keys":
            return json.dumps({"keys": self.keys}).encode()
        told = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.configuration}
        return json.dumps(told).encode()

    def trusted(self, pinned: tuple[tuple[str, str], ...] = PINNED) -> Trusted:
        """Trust in its tokens for AUDIENCE."""
        return Trusted(self.url, AUDIENCE, pinned)

    def tokens(self, clock: Clock, hosts: frozenset[str] = frozenset()) -> OidcTokens:
        """Who judges its tokens, fetching its keys over HTTP."""
        keys = IssuerKeys([self.url], lambda url: document(url, clock), clock, hosts)
        return OidcTokens((self.trusted(),), keys, clock)


@contextmanager
def issuer() -> Iterator[Issuer]:
    """An issuer that serves until the end of the block, with one RSA key, `one`."""
    made = Issuer(keys=[published("one", rsa_key("one"))])

    class _Handler(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = made.answer(self.path)
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", f"{made.url}/elsewhere")
            self.end_headers()
            self.wfile.write(body)

    with served(_Handler) as made.url:
        yield made
