"""A chart repository over real HTTP, as a bucket or GitHub Pages would be one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, repository: ChartRepository) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository = repository


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Http)
        served = self.server.repository
        authorization = self.headers.get("Authorization", "")
        served.shown.append(authorization)
        status, headers, body = self._answer(served, authorization)
        served.asked.append(f"{self.path} {status}")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(
        self, served: ChartRepository, authorization: str
    ) -> tuple[int, dict[str, str], bytes]:
        wanted = "Basic " + base64.b64encode(served.login.encode()).decode()
        if served.status:
            return served.status, served.headers, b""
        if self.path in served.redirects:
            return 302, {"Location": served.redirects[self.path]}, b""
        if served.login and authorization != wanted:
            return 401, {"WWW-Authenticate": "Basic"}, b""
        if self.path not in served.files:
            return 404, {}, b""
        body = served.files[self.path]
        name, asks = ("Last-Modified", "If-Modified-Since")
        value = "Sat, 21 Nov 2026 09:00:00 GMT"
        if not served.dated:
            name, asks = ("ETag", "If-None-Match")
            value = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get(asks) == value:
            return 304, {name: value}, b""
        return 200, {name: value, "Content-Encoding": "gzip"}, gzip.compress(body, 1)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@contextmanager
def serving(repository: ChartRepository) -> Iterator[ChartRepository]:
    """The repository, listening on a free port of 127.0.0.1."""
    http = _Http(repository)
    repository.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield repository
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
