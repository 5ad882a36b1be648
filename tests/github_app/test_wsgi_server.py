"""The server as senders and Kubernetes meet it: sockets, signals, kills."""

from __future__ import annotations

import contextlib
import http.client
import io
import itertools
import logging
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from flask import Flask

from github_app import logs
from github_app.inbox.sqlite import SqliteInbox
from github_app.webhooks.message import MAX_BODY
from github_app.wsgi_server import Server
from plugin.errors import Refusal
from tests.github_app.apps import World
from tests.webhooks.samples import bodies, posted, sample

ROOT = Path(__file__).parent.parent.parent
PUSH = bodies(sample("github", "push"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    with Server(World(inbox).app(), "127.0.0.1", 0, threads=8) as found:
        yield found
    inbox.close()


def test_port_0_takes_a_free_one(server: Server) -> None:
    assert server.port > 0
    assert requests.get(f"{server.url}/healthz", timeout=10).json() == {"status": "ok"}


def test_a_stopped_server_answers_nobody(tmp_path: Path) -> None:
    with Server(Flask("empty"), "127.0.0.1", 0) as found:
        assert requests.get(found.url, timeout=10).status_code == 404
    with pytest.raises(requests.ConnectionError):
        requests.get(found.url, timeout=10)


def test_a_taken_address_is_refused(server: Server) -> None:
    with pytest.raises(Refusal, match="cannot listen on "):
        Server(Flask("empty"), "127.0.0.1", server.port)


def test_deliveries_arrive_over_a_socket(server: Server) -> None:
    answer = requests.post(
        f"{server.url}/webhooks/github", data=PUSH, headers=posted("push", PUSH), timeout=10
    )
    assert answer.status_code == 202


def sent(server: Server, *parts: bytes) -> bytes:
    """What the server says to raw bytes; it may hang up before it has read them all."""
    with socket.create_connection((server.host, server.port), timeout=20) as client:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                client.sendall(part)
        with contextlib.suppress(ConnectionError):
            return client.recv(4096)
    return b""


HEAD = b"POST /webhooks/github HTTP/1.1\r\nHost: towline\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("size", [MAX_BODY + 1, 25 * 1024 * 1024, 10**15])
def test_a_body_announced_too_large_is_refused_before_it_comes(server: Server, size: int) -> None:
    head = HEAD + f"Content-Length: {size}\r\n\r\n".encode()
    body = b"x" * size if size == MAX_BODY + 1 else b""
    assert b" 413 " in sent(server, head, body)


def test_a_chunked_body_is_refused_once_it_is_too_large(server: Server) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    assert b" 413 " in sent(server, head, *[chunk] * 40)


def test_a_chunked_body_that_fits_is_read(server: Server) -> None:
    signed = "".join(f"{name}: {value}\r\n" for name, value in posted("push", PUSH).items())
    head = b"POST /webhooks/github HTTP/1.1\r\nHost: towline\r\n" + signed.encode()
    chunk = f"{len(PUSH):x}\r\n".encode() + PUSH + b"\r\n0\r\n\r\n"
    assert b" 202 " in sent(server, head + b"Transfer-Encoding: chunked\r\n\r\n", chunk)


def test_huge_headers_are_refused(server: Server) -> None:
    assert b" 431 " in sent(server, HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n")


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Content-Length: 100000\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n186a0\r\n",
        HEAD + b"X-Slow: ",
        b"",
    ],
)
def test_whoever_lets_a_request_drip_is_hung_up_on(tmp_path: Path, head: bytes) -> None:
    """Each byte comes in time; the whole never does. Others are served meanwhile."""
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    app = World(inbox).app()
    with (
        Server(app, "127.0.0.1", 0, threads=2, patience=0.5) as found,
        socket.create_connection((found.host, found.port), timeout=20) as client,
    ):
        client.sendall(head)
        client.settimeout(0.05)
        for _ in range(1000):
            with contextlib.suppress(TimeoutError, ConnectionError):
                client.sendall(b"P")
                if client.recv(100) == b"":
                    break
            if client.fileno() < 0 or closed(client):
                break
        else:
            raise AssertionError("it still listens")
        assert requests.get(f"{found.url}/healthz", timeout=10).status_code == 200
    inbox.close()


def closed(client: socket.socket) -> bool:
    """Whether the other side has hung up."""
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_a_slow_answer_is_no_slow_request(tmp_path: Path) -> None:
    app, entered = Flask("slow"), threading.Event()

    @app.get("/")
    def page() -> str:
        entered.set()
        return "done" if not threading.Event().wait(2) else ""

    with Server(app, "127.0.0.1", 0, threads=2, patience=0.1) as found:
        assert requests.get(found.url, timeout=20).text == "done"
        assert entered.is_set()


def test_a_path_with_a_secret_is_in_no_line(server: Server) -> None:
    """Waitress names the path of whoever hung up; our lines leave out what it holds."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    logs.configure("debug", stream, logs.Redaction())
    body = bodies({"push_data": {"tag": "1"}, "repository": {"repo_name": "acme/web"}})
    for secret in ("a-secret-that-is-right-or-wrong", "another%20one"):
        requests.post(
            f"{server.url}/webhooks/dockerhub/{secret}",
            data=body,
            headers={"Content-Type": "application/json"},
            timeout=10,
        )
        head = f"POST /webhooks/dockerhub/{secret} HTTP/1.1\r\nContent-Length: 5000\r\n\r\n"
        with socket.create_connection((server.host, server.port), timeout=20) as client:
            client.sendall(head.encode() + b"x" * 5000)
    requests.get(f"{server.url}/healthz", timeout=10)
    root.handlers[:], level = before
    root.setLevel(level)
    assert "dockerhub refused 401" in stream.getvalue()
    assert "right-or-wrong" not in stream.getvalue()
    assert "another" not in stream.getvalue()


class Serving:
    """The App in a process of its own."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-m", "tests.github_app.serving", str(directory)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.host, self.port = self.line().removeprefix("http://").split(":")

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def test_sigterm_finishes_requests_then_stops_the_worker(tmp_path: Path) -> None:
    serving = Serving(tmp_path)
    client = http.client.HTTPConnection(serving.host, int(serving.port), timeout=20)
    client.request("GET", "/slow")
    assert serving.line() == "asked"
    serving.process.send_signal(signal.SIGTERM)
    assert client.getresponse().read() == b"finished"
    assert [serving.line(), serving.line()] == ["worker stopped", "ended"]
    assert serving.end(signal.SIGTERM) in {0, -signal.SIGTERM}
    client.close()


def deliver(serving: Serving, prefix: str, taken: list[str], enough: threading.Event) -> None:
    """Send deliveries until the process dies, and note every one it took."""
    client = http.client.HTTPConnection(serving.host, int(serving.port), timeout=20)
    with contextlib.suppress(OSError, http.client.HTTPException):
        for number in itertools.count():
            headers = {**posted("push", PUSH), "X-GitHub-Delivery": f"{prefix}-{number}"}
            client.request("POST", "/webhooks/github", body=PUSH, headers=headers)
            answer = client.getresponse()
            answer.read()
            assert answer.status == 202
            taken.append(f"{prefix}-{number}")
            if len(taken) > 150:
                enough.set()
    client.close()


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for round_ in range(5):
        serving = Serving(tmp_path)
        taken: list[str] = []
        enough = threading.Event()
        with ThreadPoolExecutor(8) as threads:
            senders = [
                threads.submit(deliver, serving, f"{round_}-{thread}", taken, enough)
                for thread in range(8)
            ]
            assert enough.wait(60)
            assert serving.end(signal.SIGKILL) == -signal.SIGKILL
            assert [sender.result() for sender in senders] == [None] * 8
        acknowledged += taken
    inbox = SqliteInbox.open(tmp_path / "inbox.sqlite")
    kept = {row.guid for row in inbox.listing(None, 100_000)}
    inbox.close()
    assert len(acknowledged) > 750
    assert set(acknowledged) <= kept
