"""A process that sends signed deliveries over many connections and notes every answer.

    python -m bench.delivery_generator PORT COUNT PREFIX

prints a `Load` as JSON. It uses one thread and prepared bytes, to leave the cores to the server.
"""

from __future__ import annotations

import itertools
import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from github_app.signatures import Secret, signature_of

SECRET = Secret("the bench's webhook secret")
SIZE = 8192
_CONNECTIONS = 64
_REPOSITORIES = 50
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """Seconds it took, the time of each answer, and the ids that were answered 202."""

    seconds: float
    latencies: list[float]
    accepted: list[str]


@dataclass(slots=True)
class _Line:
    """One connection with one request under way."""

    connection: socket.socket
    guid: str = ""
    began: float = 0.0
    got: bytes = b""

    def send(self, guid: str, request: bytes) -> None:
        self.guid, self.got, self.began = guid, b"", time.perf_counter()
        self.connection.sendall(request)

    def answered(self) -> bool:
        """Whether the answer is complete; raises ConnectionError when the server is gone."""
        some = self.connection.recv(65536)
        if not some:
            raise ConnectionResetError
        self.got += some
        return _complete(self.got)


@dataclass(slots=True)
class Generator:
    """Sends until every delivery is answered, or the server is gone."""

    port: int
    deliveries: Iterator[tuple[str, bytes]]
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _latencies: list[float] = field(default_factory=list)
    _accepted: list[str] = field(default_factory=list)

    def run(self) -> Load:
        """What was answered."""
        lines = [_Line(self._connected()) for _ in range(_CONNECTIONS)]
        began = time.perf_counter()
        try:
            under_way = sum(self._next(line) for line in lines)
            while under_way:
                for key, _ in self._selector.select():
                    under_way -= self._turn(key.data)
        except ConnectionError:
            pass
        seconds = time.perf_counter() - began
        for line in lines:
            line.connection.close()
        return Load(seconds, self._latencies, self._accepted)

    def _connected(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _turn(self, line: _Line) -> bool:
        """Whether the line has nothing left to do."""
        if not line.answered():
            return False
        self._latencies.append(time.perf_counter() - line.began)
        if line.got.startswith(b"HTTP/1.1 202 "):
            self._accepted.append(line.guid)
        self._selector.unregister(line.connection)
        return not self._next(line)

    def _next(self, line: _Line) -> bool:
        for guid, request in itertools.islice(self.deliveries, 1):
            line.send(guid, request)
            self._selector.register(line.connection, selectors.EVENT_READ, line)
            return True
        return False


def requests(prefix: str, count: int) -> Iterator[tuple[str, bytes]]:
    """So many deliveries of pushes to 50 repositories, each under an id of its own."""
    bodies = [push(number) for number in range(_REPOSITORIES)]
    signed = [(body, signature_of(SECRET, body)) for body in bodies]
    for number, (body, signature) in zip(range(count), itertools.cycle(signed), strict=False):
        guid = f"{prefix}-{number}"
        head = (
            "POST /webhooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/json\r\nX-GitHub-Event: push\r\n"
            f"X-GitHub-Delivery: {guid}\r\nX-Hub-Signature-256: {signature}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield guid, head.encode() + body


def push(number: int) -> bytes:
    """The body of a push, filled up with commits to 8 KB as GitHub's are."""
    commit = {
        "id": f"{number:040x}",
        "message": "Raise the memory limit",
        "author": {"name": "Alice", "email": "alice@example.com"},
        "modified": ["stages/dev/deployment.yaml"],
    }
    payload = {
        "ref": "refs/heads/main",
        "repository": {"id": number, "full_name": f"acme/shop-{number}"},
        "installation": {"id": 1},
        "sender": {"login": "alice", "type": "User"},
        "commits": [commit] * 40,
        "filling": "",
    }
    payload["filling"] = "x" * (SIZE - len(json.dumps(payload)))
    return json.dumps(payload).encode()


def _complete(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def main(port: int, count: int, prefix: str) -> None:
    """Send, then print what was answered."""
    deliveries = iter(list(requests(prefix, count)))
    print(json.dumps(asdict(Generator(port, deliveries).run())))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
