"""Checksums that no list says: from files beside the image, or by reading it once."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import requests

from github_app.publishing.progress import Lines
from github_app.warehouse.disk_index.asked_images import Asker
from github_app.warehouse.disk_index.completing import Waiting
from github_app.warehouse.disk_index.fetching import (
    Answer,
    Download,
    HttpWeb,
    Missing,
    Validators,
    Web,
)
from plugin.errors import Refusal, Temporary
from tests.clocks import Clock
from tests.warehouse.disk_index.documents import DIGESTS, sha256
from tests.warehouse.disk_index.site import Reply, Site, site

DISK = b"disk" * 1000
SUM = f"sha256:{hashlib.sha256(DISK).hexdigest()}"
NAME = "flatcar_production_kubevirt_image.qcow2"
ME = Asker("", "me")


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as running:
        running.put(f"/1.0/{NAME}", DISK)
        yield running


def checksums(clock: Clock) -> Waiting:
    return Waiting(HttpWeb(requests.Session(), clock), clock)


def test_the_file_beside_the_image_says_it(server: Site) -> None:
    server.put(f"/1.0/{NAME}.DIGESTS", DIGESTS)
    clock = Clock()
    one, url = checksums(clock), f"{server.url}/1.0/{NAME}"
    files = ("SHA256SUMS", f"{NAME}.DIGESTS")
    assert one.of(url, files, ME) == f"sha512:{'c' * 128}"
    assert server.since() == ["/1.0/SHA256SUMS", f"/1.0/{NAME}.DIGESTS"]
    clock.passes(hours=5)
    assert one.of(url, files, ME) == f"sha512:{'c' * 128}"
    assert server.since() == []


def test_a_file_that_says_nothing_of_the_image_is_passed_over(server: Site) -> None:
    server.put("/1.0/SHA256SUMS", f"{sha256(1)}  other.img\n")
    server.put("/1.0/CHECKSUM", "<html>not here</html>")
    server.files["/1.0/secret"] = Reply(b"pay", 402)
    files = ("SHA256SUMS", "CHECKSUM", "secret")
    assert checksums(Clock()).of(f"{server.url}/1.0/{NAME}", files, ME) == SUM


def test_a_file_that_contradicts_itself_is_refused(server: Site) -> None:
    server.put("/1.0/SHA256SUMS", f"{sha256(1)}  {NAME}\n{sha256(2)}  {NAME}\n")
    with pytest.raises(Refusal, match=r"/1\.0/SHA256SUMS is not understood"):
        checksums(Clock()).of(f"{server.url}/1.0/{NAME}", ("SHA256SUMS",), ME)


def test_an_image_is_read_once_and_again_only_if_it_changed(
    server: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    one, url = checksums(clock), f"{server.url}/1.0/{NAME}"
    for _ in range(3):
        assert one.of(url, (), ME) == SUM
    assert len(server.since()) == 1
    assert caplog.text.count("nobody says the checksum") == 1
    clock.passes(hours=7)
    assert one.of(url, (), ME) == SUM
    assert len(server.since()) == 1
    assert caplog.text.count("nobody says the checksum") == 1
    server.put(f"/1.0/{NAME}", b"other")
    clock.passes(hours=7)
    assert one.of(url, (), ME) == f"sha256:{hashlib.sha256(b'other').hexdigest()}"


def test_an_image_that_is_listed_and_gone(server: Site) -> None:
    with pytest.raises(Refusal, match=r"is listed, but not there for us \(404\)"):
        checksums(Clock()).of(f"{server.url}/2.0/{NAME}", (), ME)


def test_what_breaks_off_is_left_alone_for_a_while(server: Site) -> None:
    server.files[f"/1.0/{NAME}"] = Reply(
        DISK, headers={"Content-Length": "9999", "Connection": "close"}
    )
    clock = Clock()
    one, url = checksums(clock), f"{server.url}/1.0/{NAME}"
    for _ in range(2):
        with pytest.raises(Temporary, match="broke off"):
            one.of(url, (), ME)
    assert len(server.since()) == 2, "from the beginning, and once from where it broke"
    clock.passes(minutes=16)
    server.put(f"/1.0/{NAME}", DISK)
    assert one.of(url, (), ME) == SUM


@dataclass
class Large:
    """A web with one file of so many pieces of a mebibyte each, read at a pace."""

    clock: Clock
    pieces: int
    pace: timedelta = timedelta(0)
    says_length: bool = True
    read: int = 0
    piece: bytes = field(default=b"\0" * (1 << 20), repr=False)

    def get(self, url: str, known: Validators | None = None) -> Answer:
        return Missing(404)

    @contextmanager
    def download(self, url: str) -> Iterator[Download | Missing]:
        length = self.pieces << 20 if self.says_length else None
        yield Download(Validators(), length, self._chunks())

    @contextmanager
    def rest(self, url: str, start: int, known: Validators) -> Iterator[Download | None]:
        yield None

    def _chunks(self) -> Iterator[bytes]:
        for _ in range(self.pieces):
            self.read += 1
            self.clock.now += self.pace
            yield self.piece


def of(web: Web, clock: Clock) -> str:
    return Waiting(web, clock).of("https://x.io/disk.raw", (), ME)


def test_a_length_past_the_limit_is_not_read() -> None:
    clock = Clock()
    web = Large(clock, 17 * 1024)
    with pytest.raises(Refusal, match="is larger than 16 GiB, and nobody says its checksum"):
        of(web, clock)
    assert web.read == 0


def test_what_takes_too_long_is_not_begun_again() -> None:
    clock = Clock()
    web = Large(clock, 100, timedelta(minutes=1))
    one = Waiting(web, clock)
    for _ in range(2):
        with pytest.raises(Refusal, match="was not read in 1:00:00"):
            one.of("https://x.io/disk.raw", (), ME)
    assert web.read == 61
    web.pace = timedelta(0)
    clock.passes(hours=7)
    assert one.of("https://x.io/disk.raw", (), ME).startswith("sha256:")


def test_who_waits_sees_how_far_it_is() -> None:
    clock, screen = Clock(), io.StringIO()
    one = Waiting(Large(clock, 3), clock, Lines(screen))
    for _ in range(2):
        assert one.of("https://x.io/disk.raw", (), ME) == one.known("https://x.io/disk.raw")
    assert screen.getvalue() == "checksum of disk.raw: 3.0 MiB\nchecksum of disk.raw: read\n"


def test_who_waits_sees_that_it_was_in_vain() -> None:
    clock, screen = Clock(), io.StringIO()
    one = Waiting(Large(clock, 100, timedelta(minutes=1)), clock, Lines(screen))
    with pytest.raises(Refusal):
        one.of("https://x.io/disk.raw", (), ME)
    assert screen.getvalue().endswith("checksum of disk.raw: not read\n")
