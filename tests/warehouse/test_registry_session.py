"""Connections are few, used again and tried again, and tell nobody who we were."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from github_app.warehouse.registry_http import RegistryHttp
from github_app.warehouse.registry_session import registry_session
from plugin.artifact import Repository
from plugin.errors import Refusal, Temporary

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: me=you\r\n\r\n{}"


@contextmanager
def served(serve: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """A host where each connection is served by `serve`, with its number."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def run() -> None:
            number = 0
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    serve(connection, number)
                number += 1

        thread = threading.Thread(target=run)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        # Closing alone does not wake who waits in accept.
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)


def ask(session: requests.Session, host: str) -> bytes:
    http = RegistryHttp(session, lambda place: None)
    answer = http.get(Repository(host, "web"), "tags/list", "application/json")
    assert answer is not None
    return answer.body


def test_a_connection_that_breaks_is_tried_once_more() -> None:
    seen: list[int] = []

    def serve(connection: socket.socket, number: int) -> None:
        seen.append(number)
        connection.recv(4096)
        if number:
            connection.sendall(ANSWER)

    with served(serve) as host, registry_session() as session:
        assert ask(session, host) == b"{}"
    assert seen == [0, 1]


def test_a_host_that_always_breaks_is_given_up_after_two() -> None:
    seen: list[int] = []

    def serve(connection: socket.socket, number: int) -> None:
        seen.append(number)
        connection.recv(4096)

    with (
        served(serve) as host,
        registry_session() as session,
        pytest.raises(Temporary, match="the connection broke"),
    ):
        ask(session, host)
    assert seen == [0, 1]


def test_one_connection_serves_several_questions_and_keeps_no_cookies() -> None:
    asked: list[bytes] = []

    def serve(connection: socket.socket, number: int) -> None:
        while got := connection.recv(4096):
            asked.append(got)
            connection.sendall(ANSWER)

    with served(serve) as host, registry_session() as session:
        for _ in range(3):
            ask(session, host)
        assert len(session.cookies) == 0
    assert len(asked) == 3
    assert not any(b"cookie" in one.lower() for one in asked)


def test_a_file_that_holds_no_authorities_is_named(tmp_path: Path) -> None:
    nothing = tmp_path / "ca.pem"
    with pytest.raises(Refusal, match=r"ca\.pem is not a file of certificate authorities"):
        registry_session(nothing)
    nothing.write_text("hello", encoding="utf-8")
    with pytest.raises(Refusal, match=r"ca\.pem is not a file of certificate authorities"):
        registry_session(nothing)
