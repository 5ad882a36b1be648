"""Documents and files over HTTP, from servers that behave and from servers that do not."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address

import pytest
import requests

from github_app.warehouse.disk_index.fetching import (
    Download,
    HttpWeb,
    Missing,
    NotModified,
    Page,
    Validators,
)
from plugin.errors import Refusal, Temporary
from tests.clocks import Clock
from tests.warehouse.disk_index.site import Reply, Site, site


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as running:
        yield running


def web(
    names: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    insecure: frozenset[str] = frozenset(),
) -> HttpWeb:
    """A web where these names have these addresses, and no other name has one."""
    known = {name: [ip_address(address)] for name, address in (names or {}).items()}
    return HttpWeb(requests.Session(), clock or Clock(), insecure, lambda host: known.get(host, []))


def test_a_document_is_read_once_and_then_only_asked_for(server: Site) -> None:
    server.put("/list", "﻿one\n")
    one = web()
    page = one.get(f"{server.url}/list")
    assert isinstance(page, Page)
    assert page.text == "one\n"
    assert one.get(f"{server.url}/list", page.validators) == NotModified()
    server.put("/list", "two\n")
    assert isinstance(one.get(f"{server.url}/list", page.validators), Page)
    assert server.since() == ["/list", "/list ?", "/list ?"]
    assert server.agents == {"towline"}


def test_a_document_may_be_compressed_and_nobody_logs_in(
    server: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    server.files["/list"] = Reply(
        gzip.compress(b"one " * 100_000), headers={"Content-Encoding": "gzip"}
    )
    page = web().get(f"{server.url}/list")
    assert isinstance(page, Page)
    assert page.text == "one " * 100_000


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410])
def test_what_a_server_does_not_give_is_missing(server: Site, status: int) -> None:
    server.files["/list"] = Reply(b"no", status)
    assert web().get(f"{server.url}/list") == Missing(status)


def test_a_document_that_is_no_text(server: Site) -> None:
    server.put("/list", b"\xff\xfe")
    with pytest.raises(Refusal, match="/list is no text in UTF-8"):
        web().get(f"{server.url}/list")


def test_a_hundred_megabytes_are_not_read(server: Site) -> None:
    sent = threading.Event()
    with endless(b"x" * 1_000_000, sent) as url, pytest.raises(Refusal, match="no list of"):
        web().get(url)
    assert sent.wait(10)


def test_a_bomb_is_not_unpacked(server: Site) -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    server.files["/list"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(Refusal, match="larger than 33554432 bytes"):
        web().get(f"{server.url}/list")


def test_who_sends_little_by_little_is_left() -> None:
    clock = Clock(step=timedelta(seconds=1))
    with (
        endless(b"x", threading.Event()) as url,
        pytest.raises(Temporary, match="was not read in 0:02:00"),
    ):
        web(clock=clock).get(url)


@contextmanager
def endless(piece: bytes, stopped: threading.Event) -> Iterator[str]:
    """A server that sends one piece after the other until the reader goes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        talking, _ = listening.accept()
        with talking:
            talking.recv(65536)
            try:
                talking.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                while True:
                    talking.sendall(piece)
            except OSError:
                stopped.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/list"
    finally:
        listening.close()
        thread.join()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("", 30),
        ("soon", 30),
        ("99999", 3600),
        ("Sat, 21 Nov 2026 09:01:00 GMT", 60),
        ("Tue, 01 Sep 2026 11:00:00 GMT", 1),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    server: Site, status: int, said: str, seconds: int
) -> None:
    server.files["/list"] = Reply(b"", status, {"Retry-After": said} if said else {})
    clock = Clock()
    one = web(clock=clock)
    for _ in range(3):
        with pytest.raises(Temporary, match=f"answers {status}") as caught:
            one.get(f"{server.url}/list")
        assert caught.value.after == timedelta(seconds=seconds)
    assert len(server.since()) == 1
    clock.passes(seconds=seconds)
    server.put("/list", "one")
    assert isinstance(one.get(f"{server.url}/list"), Page)


def test_an_absent_server_is_left_alone_for_a_while() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/list"
    listening.close()
    with pytest.raises(Temporary, match="the connection was refused"):
        web().get(url)


def test_a_server_that_speaks_no_tls(server: Site) -> None:
    with pytest.raises(Refusal, match=r"127\.0\.0\.1:\d+ speaks no TLS: if that is meant"):
        web().get(server.url.replace("http", "https"))


def test_a_body_that_breaks_off(server: Site) -> None:
    server.files["/list"] = Reply(b"one", headers={"Content-Length": "5", "Connection": "close"})
    with pytest.raises(Temporary, match="/list broke off"):
        web().get(f"{server.url}/list")


def test_redirects_are_followed_and_bounded(server: Site) -> None:
    server.files["/old"] = Reply(b"", 302, {"Location": "/list"})
    server.files["/loop"] = Reply(b"", 302, {"Location": "/loop"})
    server.put("/list", "one")
    assert isinstance(web().get(f"{server.url}/old"), Page)
    with pytest.raises(Refusal, match="without end"):
        web().get(f"{server.url}/loop")


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("https://169.254.169.254/latest/meta-data", "into a private network"),
        ("https://metadata.internal/x", "private network, to metadata.internal \\(10.0.0.7\\)"),
        ("https://six.internal/x", "private network"),
        ("https://mapped.internal/x", "private network"),
        ("https://[::1]/x", "private network"),
        ("https://localhost:8443/x", "private network"),
        ("http://public.example/x", "is not encrypted"),
        ("ftp://public.example/x", "is not encrypted"),
        ("file:///etc/passwd", "is no address"),
        ("https://", "is no address"),
        ("https://[::1", "is no address"),
    ],
)
def test_redirects_never_lead_into_a_private_network(
    server: Site, target: str, problem: str
) -> None:
    server.files["/list"] = Reply(b"", 302, {"Location": target})
    names = {
        "metadata.internal": "10.0.0.7",
        "six.internal": "fd00::1%eth0",
        "mapped.internal": "::ffff:192.168.0.1",
        "public.example": "93.184.215.14",
        "localhost": "127.0.0.1",
    }
    with pytest.raises(Refusal, match=problem):
        web(names).get(f"{server.url}/list")


@pytest.mark.parametrize("url", ["https://[::1", "https://", "https:///list", "https://a b/list"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises((Refusal, Temporary)):
        web().get(url)


@pytest.mark.parametrize(
    "url",
    ["http://mirror.lan/list", "http://127.0.0.1.nip.io/list", "ftp://127.0.0.1/list"],
)
def test_plain_http_is_for_loopback_and_named_hosts(url: str) -> None:
    with pytest.raises(Refusal, match="is not encrypted"):
        web().get(url)


def test_a_named_host_is_asked_in_the_clear(server: Site) -> None:
    server.put("/list", "one")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        away = f"mirror.invalid:{listening.getsockname()[1]}"
    with pytest.raises(Temporary, match="its name was not found"):
        web(insecure=frozenset({away})).get(f"http://{away}/list")


def test_a_download_says_its_length_and_is_not_unpacked(server: Site) -> None:
    packed = gzip.compress(b"disk" * 1000)
    server.files["/disk.img.gz"] = Reply(packed, headers={"Content-Encoding": "gzip"})
    with web().download(f"{server.url}/disk.img.gz") as got:
        assert isinstance(got, Download)
        assert got.length == len(packed)
        assert got.validators != Validators()
        assert b"".join(got.chunks) == packed
    with web().download(f"{server.url}/none") as missing:
        assert missing == Missing(404)
