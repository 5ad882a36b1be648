"""A file that KubeVirt can use as a disk, or why it cannot."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from github_app.publishing.qcow2 import MAGIC, Qcow2
from plugin.errors import Refusal

_SECTOR = 512
_HEAD = 72 * 1024
_ONLY = "KubeVirt reads qcow2 and raw disks only"
_PACKED = (
    (0, b"\x1f\x8b", "gzip", "gunzip"),
    (0, b"\xfd7zXZ\0", "xz", "xz --decompress"),
    (0, b"\x28\xb5\x2f\xfd", "zstd", "zstd --decompress"),
    (0, b"BZh", "bzip2", "bunzip2"),
    (0, b"PK\x03\x04", "zip", "unzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
    (257, b"ustar", "tar", "tar --extract --file"),
)
_OTHER_DISKS = (
    (0, b"KDMV", "VMDK"),
    (0, b"COWD", "VMDK"),
    (64, b"\x7f\x10\xda\xbe", "VDI"),
    (0, b"conectix", "VHD"),
    (0, b"vhdxfile", "VHDX"),
    (0, b"QED\0", "QED"),
)
# Where partition tables, boot records, CDs and file systems say what they are.
_RAW = (
    (510, b"\x55\xaa"),
    (0x8001, b"CD001"),
    (1080, b"\x53\xef"),
    (0, b"XFSB"),
    (0x10040, b"_BHRfS_M"),
    (0, b"hsqs"),
    (0, b"LUKS\xba\xbe"),
    (512, b"LABELONE"),
)


class Format(Enum):
    """How a disk is written."""

    QCOW2 = "qcow2"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A disk in a file of `size` bytes; `virtual_size` bytes is what a machine sees.

    `changed` is when the file was written last, `stored` how many bytes it takes on disk.
    """

    path: Path
    format: Format
    size: int
    virtual_size: int
    stored: int
    changed: datetime


def disk_file(path: Path) -> DiskFile:
    """The disk in this file; raises Refusal with what to do about anything else.

    Only what KubeVirt boots (https://kubevirt.io/user-guide/storage/disks_and_volumes/#containerdisk).
    """
    try:
        if not path.is_file():
            raise Refusal(f"{path}: {_absent(path)}")
        with path.open("rb") as file:
            head = file.read(_HEAD)
            status = path.stat()
            file.seek(-min(_SECTOR, status.st_size), 2)
            last = file.read(_SECTOR)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from error
    try:
        form, virtual_size = _recognised(path, head, last, status.st_size)
    except Refusal as refusal:
        raise Refusal(f"{path} {refusal}") from None
    changed = datetime.fromtimestamp(int(status.st_mtime), UTC)
    stored = status.st_blocks * _SECTOR
    return DiskFile(path, form, status.st_size, virtual_size, stored, changed)


def _absent(path: Path) -> str:
    if path.is_dir():
        return "is a directory; name the disk image in it"
    return "is no file" if path.exists() else "no such file; name the disk image to publish"


def _recognised(path: Path, head: bytes, last: bytes, size: int) -> tuple[Format, int]:
    """The format and the virtual size."""
    if not size:
        raise Refusal("is empty: get or make it again")
    if head.startswith(MAGIC):
        return Format.QCOW2, _virtual_size(path, head, size)
    other = _other(path, head, last)
    if other:
        raise Refusal(other)
    if path.suffix.lower() == ".qcow2":
        raise Refusal("is called .qcow2, but does not begin as one: get or make it again")
    if not any(head.startswith(magic, place) for place, magic in _RAW):
        raise Refusal(
            "is not a disk: it is no qcow2 image, and neither a partition table nor a file system "
            "begins in it. If it is one all the same, publish it as qcow2: "
            f"'qemu-img convert -f raw -O qcow2 {path.name} DISK.qcow2'"
        )
    if size % _SECTOR:
        raise Refusal(f"is cut off: {size} bytes are no whole number of sectors; get it again")
    return Format.RAW, size


def _virtual_size(path: Path, head: bytes, size: int) -> int:
    header = Qcow2.read(head)
    faults = list(header.faults(path.name, size))
    if faults:
        raise Refusal("; it ".join(faults))
    return header.virtual_size


def _other(path: Path, head: bytes, last: bytes) -> str | None:
    """What to do about a file that is recognised as something else."""
    for place, magic, what, command in _PACKED:
        if head.startswith(magic, place):
            return f"is packed with {what}: {_ONLY}. Unpack it with '{command} {path.name}'"
    # A VHD of fixed size is a raw disk with a footer, which the machine would see as its end.
    vhd = "VHD" if last.startswith(b"conectix") else None
    found = (what for place, magic, what in _OTHER_DISKS if head.startswith(magic, place))
    other = next(found, vhd)
    if other:
        return (
            f"is a {other} disk: {_ONLY}. Convert it with "
            f"'qemu-img convert -O qcow2 {path.name} DISK.qcow2'"
        )
    if _is_text(head[:_SECTOR]):
        return "is text, not a disk: an error page in place of a download, perhaps; get it again"
    return None


def _is_text(begin: bytes) -> bool:
    try:
        # A letter of several bytes may be cut in two at the end.
        return "\0" not in codecs.getincrementaldecoder("utf-8")().decode(begin)
    except UnicodeDecodeError:
        return False
