"""An HTTP server that answers by script and remembers all that reached it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from http.server import BaseHTTPRequestHandler
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github.Auth import Auth, Token

from github_app.github.calls import CallCounter
from github_app.github.host import Host
from github_app.github.transport import Pace, Wire
from tests.loopback import Quiet, served


@cache
def private_key() -> str:
    """A key for the App, made once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


class OneToken:
    """Credentials that are what they are."""

    name = "installation 7"

    def __init__(self) -> None:
        self.auth = Token("t0")

    def current(self) -> Auth:
        return self.auth

    def renew(self, refused: Auth) -> bool:
        return False


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: Any

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What to answer; `text` goes out as it is; `cut` breaks off instead of answering."""

    status: int = 200
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    cut: bool = False
    late: float = 0.0


@dataclass
class ApiServer:
    """Answers in the order of `script`, then by `otherwise`."""

    script: list[Answer] = field(default_factory=list)
    otherwise: Callable[[Asked], Answer] = lambda asked: Answer(200, {})
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)

    def wire(self, time: Time, *, timeout: int = 15, between_writes: float = 0.0) -> Wire:
        """What a transport needs to talk to this server."""
        pace = Pace(time.sleep, timedelta(seconds=between_writes))
        return Wire(Host(self.url), time, pace, CallCounter(), timeout)

    def seen(self, verb: str = "") -> list[str]:
        """The requests so far, those of one verb where asked."""
        return [str(one) for one in self.asked if one.verb == verb or not verb]


class _Handler(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, api: ApiServer, *args: Any) -> None:
        self.api = api
        super().__init__(*args)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def _serve(self) -> None:
        api = self.api
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, json.loads(raw) if raw else None)
        api.asked.append(asked)
        answer = api.script.pop(0) if api.script else api.otherwise(asked)
        if answer.late:
            api.stopped.wait(answer.late)
        if answer.cut:
            self.close_connection = True
            return
        self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        text = json.dumps(answer.json) if answer.text is None else answer.text
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def serving(api: ApiServer) -> Iterator[ApiServer]:
    """The server, listening on a free port of 127.0.0.1."""
    with served(partial(_Handler, api)) as api.url:
        try:
            yield api
        finally:
            api.stopped.set()
