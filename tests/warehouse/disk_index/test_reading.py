"""An image whose connection breaks is read on where it broke, once, if it is still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest
import requests

from github_app.warehouse.disk_index.asked_images import Asker
from github_app.warehouse.disk_index.completing import Waiting
from github_app.warehouse.disk_index.fetching import HttpWeb
from plugin.errors import Temporary
from tests.clocks import Clock
from tests.loopback import Quiet, served

DISK = bytes(range(256)) * 4096
SUM = f"sha256:{hashlib.sha256(DISK).hexdigest()}"
TAG = '"one"'


@dataclass
class Store:
    """A server that breaks off after so many bytes, once for each number in `breaks`."""

    breaks: list[int]
    etag: str = TAG
    modified: str | None = None
    later: str | None = None
    ranges: bool = True
    size: int = len(DISK)
    url: str = ""
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        wanted, known = to.headers.get("Range"), to.headers.get("If-Range")
        self.asked.append((wanted, known))
        start = int(wanted[6:-1]) if wanted and self.ranges else 0
        to.send_response(206 if start else 200)
        if start:
            to.send_header("Content-Range", f"bytes {start}-{len(DISK) - 1}/{self.size}")
        self._describe(to)
        to.send_header("Content-Length", str(len(DISK) - start))
        to.send_header("Connection", "close")
        to.end_headers()
        end = start + self.breaks.pop(0) if self.breaks else len(DISK)
        to.wfile.write(DISK[start:end])

    def _describe(self, to: BaseHTTPRequestHandler) -> None:
        etag = (self.later or self.etag) if len(self.asked) > 1 else self.etag
        if etag:
            to.send_header("ETag", etag)
        if self.modified:
            to.send_header("Last-Modified", self.modified)


@contextmanager
def store(made: Store) -> Iterator[Store]:
    class _Handler(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

    with served(_Handler) as url:
        made.url = f"{url}/disk.raw"
        yield made


def checksum(made: Store) -> str:
    clock = Clock()
    return Waiting(HttpWeb(requests.Session(), clock), clock).of(made.url, (), Asker("", 0))


def test_it_goes_on_where_it_broke_off() -> None:
    with store(Store([300_000])) as made:
        assert checksum(made) == SUM
    assert made.asked == [(None, None), ("bytes=300000-", TAG)]


def test_a_date_will_do_where_there_is_no_strong_tag() -> None:
    date = "Tue, 01 Sep 2026 10:00:00 GMT"
    with store(Store([300_000], etag='W/"weak"', modified=date)) as made:
        assert checksum(made) == SUM
    assert made.asked[1] == ("bytes=300000-", date)


@pytest.mark.parametrize(
    "made",
    [
        Store([300_000, 100_000]),
        Store([300_000], ranges=False),
        Store([300_000], later='"other"'),
        Store([300_000], size=len(DISK) + 1),
        Store([300_000], etag=""),
        Store([300_000], etag='W/"weak"'),
        Store([0]),
    ],
    ids=["twice", "no ranges", "another", "another length", "no state", "weak", "nothing came"],
)
def test_what_cannot_be_read_on_is_left_alone_for_a_while(made: Store) -> None:
    with store(made), pytest.raises(Temporary, match="broke off") as raised:
        checksum(made)
    assert raised.value.after.total_seconds() == 900
    assert len(made.asked) <= 2
