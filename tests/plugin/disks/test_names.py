"""A disk's name says what it is and what is on it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.disks.names import LONGEST, base_of, disk_name, suffix_of
from plugin.errors import Refusal
from tests.plugin.disks.stages import NEW, OLD

LABELS = r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?"
BASES = st.from_regex(rf"{LABELS}(\.{LABELS})?", fullmatch=True)
DIGESTS = st.text(string.hexdigits.lower()[:16], min_size=64, max_size=64).map("sha256:{}".format)


def test_the_name_ends_in_the_first_twelve_digits() -> None:
    assert disk_name("web-root", NEW) == "web-root-4f3c0a9b1d2e"
    assert disk_name("web", "md5:" + "ab" * 16) == "web-abababababab"
    assert suffix_of("web-root-4f3c0a9b1d2e") == "4f3c0a9b1d2e"
    assert suffix_of("web-root") is None


@given(BASES, DIGESTS, DIGESTS)
def test_a_name_fits_and_a_second_bump_keeps_its_base(base: str, one: str, two: str) -> None:
    name = disk_name(base, one)
    assert len(name) <= LONGEST
    assert name.endswith("-" + one.removeprefix("sha256:")[:12])
    assert disk_name(base_of(name), two) == disk_name(base, two)


@pytest.mark.parametrize(
    ("name", "said", "base"),
    [
        ("web-root-0d1e2f3a4b5c", "", "web-root"),
        (
            "talos-disk-image-1.7.6",
            "https://factory.talos.dev/image/x/v1.7.6/a.raw.xz",
            "talos-disk-image",
        ),
        ("talos-1.7.6", "https://factory.talos.dev/image/x/v1.7.60/a.raw.xz", "talos-1.7.6"),
        ("debian-20260712-2537", "https://a/20260712-2537/debian-12.qcow2", "debian"),
        ("fedora-43", "43", "fedora-43"),
        ("fedora", "43-1.5", "fedora"),
        ("deadbeef0123", "", "deadbeef0123"),
    ],
)
def test_what_would_lie_after_a_bump_is_no_part_of_the_base(
    name: str, said: str, base: str
) -> None:
    assert base_of(name, [said]) == base


@pytest.mark.parametrize(
    ("base", "digest"),
    [
        ("${VM}-root", OLD),
        ("Web", OLD),
        ("-web", OLD),
        ("web", "43-1.6"),
        ("a..b", OLD),
        ("a.-b", OLD),
        ("a" * 254, OLD),
    ],
)
def test_what_is_no_name_or_digest_is_refused(base: str, digest: str) -> None:
    with pytest.raises(Refusal):
        disk_name(base, digest)


def test_what_is_too_long_for_a_name_is_not_looked_through() -> None:
    hostile = "1-" * 500_000 + "x"
    assert (suffix_of(hostile), base_of(hostile, ["1-1"])) == (None, hostile)
    with pytest.raises(Refusal, match="up to 253"):
        disk_name(hostile, OLD)
