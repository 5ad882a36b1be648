"""Something that claims to be GitHub, as the probe sees it: an address, an App, a repository.

`emulated` starts the npm package `emulate`, an independent implementation of parts of GitHub that
knows nothing of ours; the same probe is run against both.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.contracts.deliveries import Sent
from tests.contracts.fetch import COMMAND, EMULATE

APP_ID, INSTALLATION, SLUG = 1001, 50_001, "towline"
OWNER, REPOSITORY = "acme", "deploy"
SECRET = "a webhook secret"
PERMISSIONS = {
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "metadata": "read",
}
EVENTS = ("push", "pull_request", "check_run", "issues", "issue_comment")


@dataclass(frozen=True, slots=True)
class Key:
    """An App's key pair, PEM."""

    private: str
    public: str


@lru_cache(maxsize=1)
def app_key() -> Key:
    """One RSA key pair per process (GitHub's are 2,048 bits too): making one takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Key(private.decode(), public.decode())


@dataclass(slots=True)
class Receiver:
    """A web server that keeps every webhook it is sent."""

    url: str
    sent: list[Sent] = field(default_factory=list)

    def wait_for(self, event: str, seconds: float = 10) -> Sent:
        """The first webhook of an event (`push`, `pull_request.opened`)."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for one in list(self.sent):
                if one.event == event:
                    return one
            time.sleep(0.02)
        raise AssertionError(f"no {event} came, only {[one.event for one in self.sent]}")


@dataclass(frozen=True, slots=True)
class Forge:
    """Where to reach it, with which App; `api` has no slash at its end."""

    api: str
    key: Key
    app: int
    installation: int
    receiver: Receiver


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A webhook receiver on a free port of this computer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.sent.append(Sent(dict(self.headers.items()), body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/webhooks/github")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def emulator_absent() -> str | None:
    """Why `emulate` can't be started; None if it can."""
    if not EMULATE.is_file():
        return f"emulate is absent: run `{COMMAND}`"
    return None if shutil.which("node") else "node is not installed: emulate needs it"


@contextmanager
def emulated(place: Path) -> Iterator[Forge]:
    """`emulate` with one organization, repository and installed App, until the block ends."""
    key, port = app_key(), _free_port()
    url = f"http://127.0.0.1:{port}"
    with receiving() as receiver:
        seed = place / "seed.json"
        seed.write_text(json.dumps(_seed(key, receiver.url)))
        start = ["node", str(EMULATE), "start", "-s", "github", "-p", str(port)]
        with (place / "emulate.log").open("wb") as log:
            process = subprocess.Popen(
                [*start, "--seed", str(seed), "--base-url", url], stdout=log, stderr=log
            )
            try:
                _wait_for_port(port, process)
                yield Forge(url, key, APP_ID, INSTALLATION, receiver)
            finally:
                process.terminate()
                process.wait(10)


def _seed(key: Key, webhook_url: str) -> dict[str, object]:
    app = {
        "app_id": APP_ID,
        "slug": SLUG,
        "name": SLUG,
        "private_key": key.private,
        "permissions": PERMISSIONS,
        "events": list(EVENTS),
        "webhook_url": webhook_url,
        "webhook_secret": SECRET,
        "installations": [
            {"installation_id": INSTALLATION, "account": OWNER, "repository_selection": "all"}
        ],
    }
    return {
        "github": {
            "users": [{"login": "alice"}],
            "orgs": [{"login": OWNER}],
            "repos": [
                {"owner": OWNER, "name": REPOSITORY, "default_branch": "main", "auto_init": True}
            ],
            "apps": [app],
        }
    }


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("emulate did not start")
