"""The real registry behind a certificate, passwords or tokens, under names of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from github_app.sandbox.registry import configuration, started
from tests.loopback import Quiet, served
from tests.passwords import PASSWORD, USER

LOGIN = (USER, PASSWORD)
NAME = "registry.example"
_ACTIONS = ["pull"]


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Authority:
    """A certificate authority made for one test, with what it signs, in `directory`."""

    directory: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=_key)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.certificate = self._signed("Towline's tests", self.key, None)
        self.file = self.directory / "authority.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issued(self, name: str) -> tuple[Path, Path]:
        """The files of a certificate for `name` and of its key."""
        key = _key()
        files = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        certificate = self._signed(name, key, name)
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        form = serialization.PrivateFormat.PKCS8
        plain = serialization.NoEncryption()
        files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
        return files

    def _signed(
        self, common: str, key: ec.EllipticCurvePrivateKey, host: str | None
    ) -> x509.Certificate:
        ours = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Towline's tests")])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]))
            .issuer_name(ours)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


@contextmanager
def guarded(binary: Path, directory: Path, changes: Mapping[str, Any]) -> Iterator[str]:
    """The port of a registry over what `directory` holds already, with other settings."""
    settings = configuration(directory)
    settings["http"] |= changes.get("http", {})
    settings["auth"] = changes["auth"]
    with started(binary, directory / "guarded", settings) as running:
        yield running.host.partition(":")[2]


@dataclass
class TokenServer:
    """Tokens as https://distribution.github.io/distribution/spec/auth/jwt/ describes them.

    Repositories below `public/` are for everybody, others for `LOGIN` only. A token is good for
    `life` and says `says` seconds; `asked` are the scopes that were asked for.
    """

    authority: Authority
    url: str = ""
    life: timedelta = timedelta(minutes=5)
    says: int = 300
    asked: list[str] = field(default_factory=list)

    def answer(self, query: Mapping[str, list[str]], authorization: str) -> bytes | None:
        scope = query["scope"][0]
        self.asked.append(scope)
        kind, name, _ = scope.split(":")
        known = "Basic " + base64.b64encode(":".join(LOGIN).encode()).decode()
        if authorization and authorization != known:
            return None
        may = name.startswith("public/") or authorization == known
        access = [{"type": kind, "name": name, "actions": _ACTIONS if may else []}]
        now = datetime.now(UTC)
        begin = now - timedelta(hours=1)
        times = {"iat": begin, "nbf": begin, "exp": now + self.life}
        who = {"iss": "tests", "sub": "", "aud": query["service"][0], "jti": "1"}
        der = self.authority.certificate.public_bytes(serialization.Encoding.DER)
        chain = {"x5c": [base64.b64encode(der).decode()]}
        token = jwt.encode(
            {**who, **times, "access": access}, self.authority.key, algorithm="ES256", headers=chain
        )
        return json.dumps({"token": token, "expires_in": self.says}).encode()


@contextmanager
def token_server(server: TokenServer) -> Iterator[TokenServer]:
    """The server, answering at its `url` on a loopback port."""

    class _Handler(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            answer = server.answer(query, self.headers.get("Authorization", ""))
            self.send_response(401 if answer is None else 200)
            self.send_header("Content-Length", str(len(answer or b"")))
            self.end_headers()
            self.wfile.write(answer or b"")

    with served(_Handler) as url:
        server.url = f"{url}/token"
        yield server
