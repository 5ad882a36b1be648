"""A Git server over real HTTP: `git http-backend` behind Basic authentication."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.loopback import Quiet, served

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann Müller",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann Müller",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}

DATES = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")


def git(
    directory: Path,
    *arguments: str,
    at: int | None = None,
    data: bytes = b"",
    more: Mapping[str, str] | None = None,
) -> str:
    """What git printed, run by somebody else than Towline; `at` is the commit's time."""
    when = {} if at is None else dict.fromkeys(DATES, f"{at} +0000")
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=ENVIRONMENT | when | dict(more or {}),
        input=data,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").strip()


@dataclass
class GitServer:
    """A host with repositories below `root`; everything about its behaviour can be changed."""

    root: Path
    tokens: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    status: int = 0
    cut_after: int | None = None
    on_request: Callable[[], None] = lambda: None
    url: str = ""

    def repository(self, name: str) -> Path:
        """A new bare repository under this name."""
        bare = self.root / f"{name}.git"
        bare.mkdir(parents=True)
        git(bare, "init", "--quiet", "--bare", "--initial-branch=main")
        return bare

    def address(self, name: str) -> str:
        return f"{self.url}/{name}.git"


class _Handler(Quiet, BaseHTTPRequestHandler):
    def __init__(self, host: GitServer, *args: Any) -> None:
        self.host = host
        super().__init__(*args)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.host.requests.append(f"{self.command} {self.path}")
        self.host.on_request()
        status = self.host.status or self._refusal()
        if status:
            self._answer(status, {"Location": f"{self.host.url}/elsewhere"}, b"")
        else:
            self._backend(body)

    def _refusal(self) -> int:
        if not self.host.tokens:
            return 0
        scheme, _, words = self.headers.get("Authorization", "").partition(" ")
        user, _, token = base64.b64decode(words or "Og==").decode().partition(":")
        self.host.seen.append(token)
        good = scheme == "Basic" and user == "x-access-token" and token in self.host.tokens
        return 0 if good else 401

    def _backend(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            check=False,
            env=ENVIRONMENT
            | {
                "GIT_PROJECT_ROOT": str(self.host.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REQUEST_METHOD": self.command,
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "REMOTE_ADDR": "127.0.0.1",
            },
        )
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._answer(int(headers.pop("Status", "200").split()[0]), headers, answer)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status == 401:
            self.send_header("WWW-Authenticate", "Basic")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = self.host.cut_after
        if cut is not None and self.command == "POST" and len(body) > cut:
            self.wfile.write(body[:cut])
            self.close_connection = True
            return
        self.wfile.write(body)


@contextmanager
def serving(server: GitServer) -> Iterator[GitServer]:
    """The server, listening on a free port of 127.0.0.1."""
    with served(partial(_Handler, server)) as server.url:
        yield server
