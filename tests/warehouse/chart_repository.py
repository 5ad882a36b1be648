"""A chart repository over real HTTP, as a bucket or GitHub Pages would be one."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import Quiet, served


@dataclass
class ChartRepository:
    """Serves files with their ETags; everything about its behaviour can be changed."""

    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    login: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    dated: bool = False
    asked: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    url: str = ""


class _Handler(Quiet, BaseHTTPRequestHandler):
    def __init__(self, repository: ChartRepository, *args: Any) -> None:
        self.repository = repository
        super().__init__(*args)

    def do_GET(self) -> None:
        repository = self.repository
        authorization = self.headers.get("Authorization", "")
        repository.shown.append(authorization)
        status, headers, body = self._answer(repository, authorization)
        repository.asked.append(f"{self.path} {status}")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(
        self, repository: ChartRepository, authorization: str
    ) -> tuple[int, dict[str, str], bytes]:
        wanted = "Basic " + base64.b64encode(repository.login.encode()).decode()
        if repository.status:
            return repository.status, repository.headers, b""
        if self.path in repository.redirects:
            return 302, {"Location": repository.redirects[self.path]}, b""
        if repository.login and authorization != wanted:
            return 401, {"WWW-Authenticate": "Basic"}, b""
        if self.path not in repository.files:
            return 404, {}, b""
        body = repository.files[self.path]
        name, asks = ("Last-Modified", "If-Modified-Since")
        value = "Sat, 21 Nov 2026 09:00:00 GMT"
        if not repository.dated:
            name, asks = ("ETag", "If-None-Match")
            value = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get(asks) == value:
            return 304, {name: value}, b""
        return 200, {name: value, "Content-Encoding": "gzip"}, gzip.compress(body, 1)


@contextmanager
def serving(repository: ChartRepository) -> Iterator[ChartRepository]:
    """The repository, listening on a free port of 127.0.0.1."""
    with served(partial(_Handler, repository)) as repository.url:
        yield repository
