"""A publisher's web server on a loopback address, and a clock that tests move."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

from tests.clocks import START
from tests.loopback import Quiet, served


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: bool = True


@dataclass
class Site:
    """Files by path, and what was asked: `GET /path`, with `?` behind where it was conditional."""

    url: str = ""
    files: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str | None] = field(default_factory=set)
    serve: Callable[[str], Reply | None] = lambda path: None

    def put(self, path: str, text: str | bytes, **more: str) -> None:
        body = text.encode() if isinstance(text, str) else text
        self.files[path] = Reply(body, headers=more)

    def answer(self, path: str) -> Reply:
        return self.serve(path) or self.files.get(path) or Reply(b"no such file", 404)

    def since(self) -> list[str]:
        """What was asked since the last time."""
        asked, self.asked = self.asked, []
        return asked


@contextmanager
def site() -> Iterator[Site]:
    running = Site()

    class _Handler(Quiet, BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        model: ClassVar[Site] = running

        def do_GET(self) -> None:
            reply = self.model.answer(self.path)
            tag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
            known = self.headers.get("If-None-Match")
            self.model.asked.append(self.path + (" ?" if known else ""))
            self.model.agents.add(self.headers.get("User-Agent"))
            same = reply.status == 200 and reply.etag and known == tag
            self.send_response(304 if same else reply.status)
            if reply.etag and reply.status == 200:
                self.send_header("ETag", tag)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if not same and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if not same:
                self.wfile.write(reply.body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(START, usegmt=True)

    with served(_Handler) as running.url:
        yield running
