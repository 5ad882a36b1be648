"""Which files are disks that KubeVirt boots, and what is said about the others."""

from __future__ import annotations

import gzip
import lzma
from datetime import UTC, datetime
from pathlib import Path

import pytest

from github_app.publishing.disk_file import Format, disk_file
from plugin.errors import Refusal
from tests.publishing.disks import GIB, SECTOR, Header, qcow2, raw, written


def refusal(path: Path) -> str:
    with pytest.raises(Refusal) as caught:
        disk_file(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_a_qcow2_image_is_known_by_its_content(tmp_path: Path) -> None:
    # Ubuntu's images are called .img.
    disk = disk_file(qcow2(tmp_path / "noble-server-cloudimg-amd64.img"))
    assert (disk.format, disk.size, disk.virtual_size) == (Format.QCOW2, 0x40000, GIB)
    assert disk.changed == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "magic"),
    [
        (510, b"\x55\xaa"),
        (0x8001, b"CD001"),
        (1080, b"\x53\xef"),
        (0, b"XFSB"),
        (0x10040, b"_BHRfS_M"),
    ],
)
def test_a_raw_disk_begins_with_a_partition_table_or_a_file_system(
    tmp_path: Path, place: int, magic: bytes
) -> None:
    content = (b"\0" * place + magic).ljust(160 * SECTOR, b"\0")
    disk = disk_file(written(tmp_path / "disk.img", content))
    assert (disk.format, disk.virtual_size) == (Format.RAW, 160 * SECTOR)


def test_holes_are_known(tmp_path: Path) -> None:
    disk = disk_file(raw(tmp_path / "disk.raw", GIB))
    assert disk.size == GIB
    assert disk.stored < 1024 * 1024


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            gzip.compress(b"disk", mtime=0),
            "packed with gzip: KubeVirt reads qcow2 and raw disks only. ",
        ),
        (gzip.compress(b"disk", mtime=0), "Unpack it with 'gunzip disk.x'"),
        (lzma.compress(b"disk"), "'xz --decompress disk.x'"),
        (b"\x28\xb5\x2f\xfd" + b"\0" * 600, "'zstd --decompress disk.x'"),
        (b"PK\x03\x04" + b"\0" * 600, "'unzip disk.x'"),
        (b"box.ovf".ljust(257, b"\0") + b"ustar".ljust(600, b"\0"), "packed with tar"),
        (b"KDMV" + b"\0" * 600, "is a VMDK disk: KubeVirt reads qcow2 and raw disks only. "),
        (b"KDMV" + b"\0" * 600, "'qemu-img convert -O qcow2 disk.x DISK.qcow2'"),
        (b"<<< Oracle".ljust(64, b"\0") + b"\x7f\x10\xda\xbe".ljust(600, b"\0"), "a VDI disk"),
        (b"vhdxfile" + b"\0" * 600, "a VHDX disk"),
        (b"\0" * 510 + b"\x55\xaa" + b"\0" * SECTOR + b"conectix".ljust(512), "a VHD disk"),
        (b"<html><body>404 Not Found</body></html>", "is text, not a disk"),
        ("Größe ".encode() * 200, "is text, not a disk"),
        (b"", "is empty"),
        (b"\0" * 4096, "neither a partition table nor a file system begins in it"),
        (b"\x7fELF" + b"\0" * 4096, "'qemu-img convert -f raw -O qcow2 disk.x DISK.qcow2'"),
        (b"\0" * 510 + b"\x55\xaa" + b"\0" * 100, "612 bytes are no whole number of sectors"),
        (bytes(Header(backing=0x100)).ljust(0x40000, b"\0"), "its backing file"),
        (b"QFI\xfb\0\0\0\3", "is cut off in its first bytes"),
    ],
)
def test_what_is_no_disk_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes, said: str
) -> None:
    assert said in refusal(written(tmp_path / "disk.x", content))


def test_a_raw_file_must_not_be_called_qcow2(tmp_path: Path) -> None:
    assert "is called .qcow2, but" in refusal(raw(tmp_path / "disk.qcow2"))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "no such file; name the disk image" in refusal(tmp_path / "gone.qcow2")
    assert "is a directory; name the disk image in it" in refusal(tmp_path)
