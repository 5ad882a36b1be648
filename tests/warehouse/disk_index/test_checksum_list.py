"""Checksum files as GNU's and BSD's tools write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.warehouse.disk_index.checksum_list import checksum_of, checksums
from plugin.errors import Refusal
from tests.warehouse.disk_index.documents import CENTOS, DIGESTS, sha256


@pytest.mark.parametrize(
    "line",
    [
        f"{sha256(1)}  a.img",
        f"{sha256(1)} *a.img",
        f"{sha256(1).upper()}  ./images/a.img\r",
        f"SHA256 (a.img) = {sha256(1)}",
        f"  SHA256 (images/a.img) = {sha256(1)}  ",
    ],
)
def test_both_grammars(line: str) -> None:
    text = f"# a.img: 5 bytes\n\n{line}\n{sha256(2)}  b.img\n"
    assert checksums(text) == {"a.img": f"sha256:{sha256(1)}", "b.img": f"sha256:{sha256(2)}"}


def test_the_strongest_is_taken_and_the_broken_ones_are_not() -> None:
    name = "flatcar_production_kubevirt_image.qcow2"
    assert checksum_of(name, DIGESTS) == f"sha512:{'c' * 128}"
    both = f"{'c' * 128}  a\n{sha256(1)}  a\n"
    assert checksum_of("a", both) == f"sha512:{'c' * 128}"
    assert checksums(f"{'a' * 32}  a\nMD5 (a) = {'a' * 32}\n{'b' * 40}  a\n") == {}


def test_armour_and_prose_are_skipped() -> None:
    assert len(checksums(CENTOS)) == 7
    assert checksums("<html>not found</html>") == {}


@pytest.mark.parametrize(
    "line",
    [
        f"SHA512 (a.img) = {sha256(1)}",
        f"SHA256 (a.img) = {sha256(1)}0",
        f"{sha256(1)}0  a.img",
        f"{sha256(1)}",
        f"{sha256(1)} a.img",
        f"x{sha256(1)}  a.img",
    ],
)
def test_what_is_no_checksum(line: str) -> None:
    assert checksums(line) == {}


def test_a_file_of_one_checksum_needs_no_name() -> None:
    assert checksum_of("a.img", f"{sha256(1)}\n") == f"sha256:{sha256(1)}"
    assert checksum_of("a.img", f"{sha256(1)}  b.img\n") is None


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(Refusal, match=r"says sha256:0+1 and sha256:0+2 of a\.img"):
        checksums(f"{sha256(1)}  a.img\nSHA256 (a.img) = {sha256(2)}\n")
    assert checksums(f"{sha256(1)}  a.img\n{sha256(1)}  b/a.img\n")


def test_endless_lists_are_refused() -> None:
    with pytest.raises(Refusal, match="more than 100000 lines"):
        checksums("\n" * 200_000)


@given(st.text(alphabet="aF0 *()=SHA256\n\\", max_size=300))
def test_whatever_is_read_is_a_checksum(text: str) -> None:
    try:
        found = checksums(text)
    except Refusal:
        return
    assert all(name and checksum.startswith("sha") for name, checksum in found.items())
