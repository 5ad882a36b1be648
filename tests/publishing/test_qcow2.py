"""What a header says, and what is found wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.publishing.qcow2 import Qcow2
from plugin.errors import Refusal
from tests.publishing.disks import GIB, Header

ENOUGH = 0x40000


def faults(header: Header, size: int = ENOUGH) -> str:
    head = bytes(header).ljust(0x100, b"\0") + b"base.qcow2" * bool(header.backing)
    return "; ".join(Qcow2.read(head).faults("vm.qcow2", size))


@pytest.mark.parametrize("version", [2, 3])
def test_an_image_that_stands_alone_has_no_faults(version: int) -> None:
    header = Header(version=version)
    assert Qcow2.read(bytes(header)).virtual_size == GIB
    assert faults(header) == ""


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (Header(version=1), "version 1"),
        (Header(version=4), "version 4"),
        (Header(backing=0x100), "differs from its backing file 'base.qcow2', which"),
        (Header(backing=0x100), "'qemu-img convert -O qcow2 vm.qcow2 DISK.qcow2'"),
        (Header(crypt=2), "decrypt it with 'qemu-img convert --object secret,id=key,file="),
        (Header(crypt=2), "file.filename=vm.qcow2,encrypt.key-secret=key -O qcow2 DISK.qcow2'"),
        (Header(features=1 << 1), "qemu-img check -r all vm.qcow2"),
        (Header(features=1 << 2), "its data in another file"),
        (Header(size=0), "0 bytes"),
        (Header(l1=ENOUGH), "is cut off: it needs at least 262160 bytes and has 262144"),
    ],
)
def test_what_no_machine_could_start_from_is_said(header: Header, said: str) -> None:
    assert said in faults(header)


def test_features_mean_nothing_before_version_3() -> None:
    assert faults(Header(version=2, features=0xFF)) == ""


def test_every_fault_is_said_at_once() -> None:
    text = faults(Header(backing=1, crypt=1, size=0), size=100)
    assert text.count(";") >= 3


@given(st.binary(min_size=80, max_size=120))
def test_whatever_follows_the_magic_is_judged(rest: bytes) -> None:
    header = Qcow2.read(b"QFI\xfb" + rest)
    assert all(isinstance(one, str) for one in header.faults("vm.qcow2", ENOUGH))


@given(st.binary(max_size=75))
def test_a_header_that_is_cut_off_is_refused(rest: bytes) -> None:
    with pytest.raises(Refusal, match="is cut off"):
        Qcow2.read(b"QFI\xfb" + rest)
