"""Images that are read beside the worker: who asks is told how far it is, and comes again."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from github_app.warehouse.disk_index.asked_images import Asker
from github_app.warehouse.disk_index.background import InBackground
from github_app.warehouse.disk_index.known_sums import KeptSums
from github_app.warehouse.disk_index.sums_file import SumsFile
from plugin.errors import Refusal, Temporary
from tests.clocks import Clock
from tests.warehouse.disk_index.paced import PIECE, Paced

A, B, NEWER = "https://a.io/1.0/disk.raw", "https://b.io/disk.raw", "https://a.io/1.1/disk.raw"
ME, YOU = Asker("", "me"), Asker("", "you")


def sum_of(pieces: int) -> str:
    return f"sha256:{hashlib.sha256(PIECE * pieces).hexdigest()}"


class Shop:
    """Checksums of a paced web."""

    def __init__(self, kept: KeptSums | None = None) -> None:
        self.clock = Clock()
        self.web = Paced({A: 3, B: 1, NEWER: 2})
        self.sums = InBackground(self.web, self.clock, kept)

    def of(self, url: str, asker: Asker = ME) -> str:
        return self.sums.of(url, (), asker)

    def later(self, url: str, asker: Asker = ME) -> str:
        with pytest.raises(Temporary) as raised:
            self.of(url, asker)
        return str(raised.value)

    def read(self, url: str, pieces: int) -> str:
        """The checksum, after all pieces were given."""
        self.later(url)
        self.web.give(pieces)
        self.sums.wait()
        return self.of(url)


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.web.give(1000)
    made.sums.close()
    assert not [one for one in threading.enumerate() if one.name == "checksums"]


def test_who_asks_is_told_how_far_it_is_until_the_checksum_is_known(shop: Shop) -> None:
    with pytest.raises(Temporary) as first:
        shop.of(A)
    assert str(first.value) == f"{A} is being read to compute its checksum"
    assert first.value.after.total_seconds() == 30
    assert shop.web.at() == A
    assert shop.later(A).endswith("compute its checksum: 0 B of 3.0 MiB")
    shop.web.give()
    shop.web.at()
    assert shop.later(A).endswith("compute its checksum: 1.0 MiB of 3.0 MiB")
    shop.web.give(2)
    shop.sums.wait()
    assert shop.of(A) == shop.sums.known(A) == sum_of(3)
    assert shop.web.asked == [A]


def test_one_image_at_a_time(shop: Shop) -> None:
    shop.later(A)
    shop.web.at()
    assert shop.later(B, YOU) == f"{B} waits to be read to compute its checksum, beside 1 other"
    assert shop.web.asked == [A]
    shop.web.give(4)
    shop.sums.wait()
    assert (shop.of(A), shop.of(B, YOU)) == (sum_of(3), sum_of(1))


def test_a_file_beside_the_image_is_looked_for_once_before_it_is_read(shop: Shop) -> None:
    for _ in range(3):
        with pytest.raises(Temporary):
            shop.sums.of(A, ("SHA256SUMS",), ME)
    shop.web.at()
    assert shop.web.asked == ["https://a.io/1.0/SHA256SUMS", A]


def test_a_newer_version_stops_the_one_before(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shop.later(A)
    shop.web.at()
    shop.later(NEWER)
    shop.web.give()
    assert shop.web.at() == NEWER
    assert f"{A} is not read on" in caplog.text
    shop.web.give(2)
    shop.sums.wait()
    assert shop.of(NEWER) == sum_of(2)
    assert shop.sums.known(A) is None


def test_what_another_wants_is_read_on(shop: Shop) -> None:
    shop.later(A)
    shop.later(A, YOU)
    shop.web.at()
    shop.later(NEWER)
    shop.web.give(5)
    shop.sums.wait()
    assert (shop.of(A, YOU), shop.of(NEWER)) == (sum_of(3), sum_of(2))


def test_what_nobody_asks_for_any_more_is_not_read_on(shop: Shop) -> None:
    shop.later(A)
    shop.later(B, YOU)
    shop.web.at()
    shop.clock.passes(minutes=15)
    shop.later(A)
    shop.clock.passes(minutes=15)
    shop.web.give()
    shop.web.at()
    assert "1.0 MiB" in shop.later(A)
    shop.clock.passes(minutes=21)
    shop.web.give()
    shop.sums.wait()
    assert shop.sums.known(A) is None
    assert shop.web.asked == [A], "and what waited is not begun"


def test_an_image_that_is_not_there_is_refused_and_asked_for_again_later(shop: Shop) -> None:
    gone = "https://a.io/2.0/disk.raw"
    shop.later(gone)
    shop.sums.wait()
    for _ in range(3):
        with pytest.raises(Refusal, match=r"is listed, but not there for us \(404\)"):
            shop.of(gone)
    assert shop.web.asked == [gone]
    shop.clock.passes(minutes=16)
    shop.web.sizes[gone] = 1
    assert shop.read(gone, 1) == sum_of(1)


def test_a_bug_stops_nothing_else(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.web.bug = ZeroDivisionError("none")
    shop.later(A)
    shop.sums.wait()
    assert "a bug" in caplog.text
    assert "could not be read: ZeroDivisionError" in shop.later(A)
    shop.web.bug = None
    assert shop.read(B, 1) == sum_of(1)


def test_what_is_known_holds_until_the_image_turns_out_to_have_changed(shop: Shop) -> None:
    assert shop.read(A, 3) == sum_of(3)
    for _ in range(2):
        shop.clock.passes(hours=7)
        assert shop.of(A) == sum_of(3)
        shop.sums.wait()
    assert shop.web.asked == [A] * 3, "asked for, and not read"
    shop.clock.passes(hours=7)
    shop.web.etags[A], shop.web.sizes[A] = "other", 2
    for _ in range(3):
        shop.web.at()
    assert shop.of(A) == sum_of(3)
    shop.web.at()
    assert "0 B of 2.0 MiB" in shop.later(A)
    assert shop.sums.known(A) is None
    shop.web.give(2)
    shop.sums.wait()
    assert shop.of(A) == sum_of(2)


def test_a_restart_reads_nothing_again(shop: Shop, tmp_path: Path) -> None:
    kept = SumsFile(tmp_path / "checksums.json")
    before = Shop(kept)
    assert before.read(A, 3) == sum_of(3)
    after = Shop(kept)
    assert after.of(A) == sum_of(3)
    assert after.web.asked == []
    after.clock.passes(hours=7)
    assert after.of(A) == sum_of(3)
    after.sums.wait()
    assert after.web.asked == [A], "the same state: not a byte was read"


def test_closing_ends_what_is_under_way_and_nothing_begins_after(shop: Shop) -> None:
    shop.web.sizes[A] = 16 * 1024
    shop.later(A)
    shop.web.give(16 * 1024)
    shop.web.at()
    shop.sums.close()
    assert not [one for one in threading.enumerate() if one.name == "checksums"]
    shop.later(B)
    shop.sums.wait()
    assert shop.web.asked == [A]
