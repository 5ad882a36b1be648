"""Whatever a server does, an exchange with it ends; and once it has, nobody touches its socket."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest
import requests

from github_app.guarded_http.client import Answer, Bound, GuardedHttp, Patience
from github_app.guarded_http.connections import connections
from github_app.guarded_http.deadlines import Deadline, Times
from github_app.guarded_http.reach import Reach
from plugin.errors import Temporary
from tests.warehouse.guarded import Authority

SMALL = Bound(1000, "is larger than 1000 bytes")
BRIEF = timedelta(seconds=0.5)
SHORT = Patience(connect=0.2, read=0.3, body=BRIEF, file=BRIEF, sending=BRIEF)
LONG = "takes longer than 1 seconds to answer"
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = HEAD + b"Content-Encoding: gzip\r\n\r\n"


@dataclass
class Dripping:
    """Says `first`, then each of `more` after a moment, to everybody, whatever is asked.

    One that `takes` what it is sent says nothing before it has it all, a little at a time.
    """

    first: bytes = b""
    more: Callable[[], Iterator[bytes]] = lambda: iter(())
    pause: float = 0.01
    takes: bool = False
    tls: ssl.SSLContext | None = None
    place: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, taken: socket.socket) -> None:
        with suppress(OSError), taken if self.tls is None else self._inside(taken) as one:
            while one.recv(65536) and self.takes:
                self.stopping.wait(self.pause)
            one.sendall(self.first)
            for piece in self.more():
                if self.stopping.wait(self.pause):
                    return
                one.sendall(piece)

    def _inside(self, taken: socket.socket) -> socket.socket:
        assert self.tls
        return self.tls.wrap_socket(taken, server_side=True)


@contextmanager
def running(server: Dripping) -> Iterator[Dripping]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.place = f"127.0.0.1:{listening.getsockname()[1]}"
        threads: list[threading.Thread] = []
        ends: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    one, _ = listening.accept()
                    ends.append(one.dup())
                    threads.append(threading.Thread(target=server.serve, args=(one,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            server.stopping.set()
            for end in (listening, *ends):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            for thread in (accepting, *threads):
                thread.join()


@pytest.fixture(autouse=True)
def no_timer_is_left() -> Iterator[None]:
    yield
    for one in threading.enumerate():
        if isinstance(one, threading.Timer) and one.name == "deadline":
            assert one.finished.is_set()
            one.join()


def client(session: requests.Session | None = None) -> GuardedHttp:
    return GuardedHttp(session or requests.Session(), Reach(), patience=SHORT)


def get(http: GuardedHttp, url: str) -> Answer:
    return http.read(requests.Request("GET", url), SMALL)


def endless(piece: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: repeat(piece)


LATE_HEADERS = {
    "a status line byte by byte": Dripping(b"HTTP/1.1 200 ", endless(b"O")),
    "a header byte by byte": Dripping(HEAD, endless(b"a")),
    "header after header": Dripping(HEAD, lambda: chain(repeat(b"a: b\r\n", 90), repeat(b"a"))),
    "interim answers": Dripping(more=endless(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "interim answers in haste": Dripping(
        more=endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), pause=0
    ),
    "an interim answer's header": Dripping(b"HTTP/1.1 100 Continue\r\n", endless(b"a")),
}


@pytest.mark.parametrize("server", LATE_HEADERS.values(), ids=LATE_HEADERS.keys())
def test_headers_that_do_not_end_are_not_waited_for(server: Dripping) -> None:
    with running(server), pytest.raises(Temporary) as raised:
        get(client(), f"http://{server.place}/list")
    assert str(raised.value) == f"{server.place} {LONG}"


def test_more_headers_than_anybody_needs_are_refused_at_once() -> None:
    server = Dripping(HEAD + b"a: b\r\n" * 1000)
    with running(server), pytest.raises(Temporary, match="does not answer: the connection broke"):
        get(client(), f"http://{server.place}/list")


def empty_blocks() -> Iterator[bytes]:
    """Gzip without end that never unpacks to anything."""
    packer = zlib.compressobj(wbits=31)
    yield packer.flush(zlib.Z_SYNC_FLUSH)
    yield from iter(lambda: b"\x00\x00\x00\xff\xff", None)


LATE_BODIES = {
    "byte by byte": Dripping(HEAD + b"Content-Length: 900\r\n\r\n", endless(b"a")),
    "byte by byte to the end": Dripping(HEAD + b"\r\n", lambda: repeat(b"a", 900)),
    "a chunk's size": Dripping(CHUNKED, endless(b"0")),
    "a chunk's extension": Dripping(CHUNKED + b"1;", endless(b"a")),
    "trailers": Dripping(CHUNKED + b"0\r\n", endless(b"a: b\r\n")),
    "a file name in gzip": Dripping(PACKED + b"\x1f\x8b\x08\x08\0\0\0\0\0\xff", endless(b"a")),
    "nothing in gzip": Dripping(PACKED, empty_blocks),
    "nothing in gzip in haste": Dripping(PACKED, empty_blocks, pause=0),
    "members of nothing": Dripping(PACKED, endless(gzip.compress(b""))),
}


@pytest.mark.parametrize("server", LATE_BODIES.values(), ids=LATE_BODIES.keys())
def test_a_body_that_does_not_end_is_not_waited_for(server: Dripping) -> None:
    with running(server), pytest.raises(Temporary, match=r"/list was not read in 0:00:00\.5"):
        get(client(), f"http://{server.place}/list")


def test_a_file_that_does_not_end_is_not_waited_for() -> None:
    server, http = Dripping(CHUNKED, endless(b"0")), client()
    with running(server):
        ask = requests.Request("GET", f"http://{server.place}/disk")
        with http.open(ask) as got, pytest.raises(Temporary, match=r"/disk was not read in"):
            list(http.stored(got))


def test_a_body_that_is_taken_little_by_little_is_not_sent_for_ever() -> None:
    server = Dripping(takes=True)
    with running(server):
        ask = requests.Request("PUT", f"http://{server.place}/blob", data=repeat(b"a" * 65536))
        with pytest.raises(Temporary, match=r"takes longer than 0\.5 seconds to answer"):
            client().read(ask, SMALL)


@pytest.mark.parametrize("proxied", [False, True])
def test_neither_tls_nor_a_proxy_hides_who_drips(tmp_path: Path, proxied: bool) -> None:
    authority = Authority(tmp_path)
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(*authority.issued("localhost"))
    trusting = ssl.create_default_context(cafile=authority.file)
    server = Dripping(HEAD, endless(b"a"), tls=None if proxied else inside)
    with running(server), requests.Session() as session:
        session.mount("https://", connections(session, trusting))
        session.proxies = {"https": f"http://{server.place}"} if proxied else {}
        place = "nas.invalid" if proxied else server.place.replace("127.0.0.1", "localhost")
        with pytest.raises(Temporary, match=f"{place} {LONG}"):
            get(client(session), f"https://{place}/list")


def test_a_socket_is_left_alone_once_its_exchange_is_over() -> None:
    """Its time runs out while another exchange has it."""
    reply = HEAD + b"Content-Length: 2\r\n\r\nok"
    gate, taken = threading.Event(), []

    def second() -> Iterator[bytes]:
        taken.append(1)
        gate.wait()
        yield reply

    server = Dripping(reply, second)
    with running(server), requests.Session() as session:
        http, url = client(session), f"http://{server.place}/list"
        with http.open(requests.Request("GET", url)) as got:
            assert b"".join(http.pieces(got, SMALL)) == b"ok"
            threading.Timer(2 * BRIEF.total_seconds(), gate.set).start()
            patient = GuardedHttp(session, Reach())
            assert get(patient, url).body == b"ok"
        assert taken == [1]


def test_who_waits_for_a_connection_does_not_wait_for_ever() -> None:
    server, http = Dripping(CHUNKED), client()
    server.more = endless(b"")
    ask = requests.Request("GET")
    with running(server):
        ask.url = f"http://{server.place}/list"
        held = [http.open(ask) for _ in range(4)]
        for one in held:
            one.__enter__()
        with pytest.raises(Temporary, match="it still owes us what we asked before"):
            get(http, ask.url)
        for one in held:
            one.__exit__(None, None, None)


def pair(times: Times) -> tuple[Deadline, socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    deadline = Deadline(times)
    deadline.hold(ours.fileno())
    return deadline, ours, theirs


def test_a_socket_that_is_held_too_late_is_shut_down_at_once() -> None:
    deadline, ours, theirs = pair(Times(BRIEF, timedelta(0)))
    with ours, theirs:
        deadline.taken(None)
        assert theirs.recv(1) == b""
    other, there = socket.socketpair()
    with other, there:
        deadline.hold(other.fileno())
        assert there.recv(1) == b""
    deadline.end()
    assert deadline.passed
