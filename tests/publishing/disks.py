"""Disk images as small as they can be."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
GIB = 1 << 30
# When the files were written: 2026-01-02T03:04:05Z.
WRITTEN = 1767323045


@dataclass(frozen=True)
class Header:
    """A qcow2 header; by default of a disk of a gibibyte with one table of each kind."""

    version: int = 3
    backing: int = 0
    cluster_bits: int = 16
    size: int = GIB
    crypt: int = 0
    l1_size: int = 2
    l1: int = 0x30000
    features: int = 0

    def __bytes__(self) -> bytes:
        fields = struct.pack(
            ">4sIQIIQIIQQIIQ",
            b"QFI\xfb",
            self.version,
            self.backing,
            len("base.qcow2") if self.backing else 0,
            self.cluster_bits,
            self.size,
            self.crypt,
            self.l1_size,
            self.l1,
            0x10000,
            1,
            0,
            0,
        )
        return fields + struct.pack(">QQQII", self.features, 0, 0, 4, 104)


def qcow2(path: Path, header: Header | None = None, *, filled: bytes = b"disk") -> Path:
    """A qcow2 image of 256 KiB in a file written long ago; `filled` tells it from others."""
    content = bytes(header or Header()).ljust(0x30000, b"\0") + b"\0" * 0x100 + filled
    return written(path, content.ljust(0x40000, b"\0"))


def raw(path: Path, size: int = 64 * SECTOR) -> Path:
    """A raw disk with a boot record, the rest a hole."""
    written(path, b"\xfa\x33\xc0".ljust(510, b"\0") + b"\x55\xaa")
    os.truncate(path, size)
    os.utime(path, (WRITTEN, WRITTEN))
    return path


def written(path: Path, content: bytes) -> Path:
    """The file with this content, written long ago."""
    path.write_bytes(content)
    os.utime(path, (WRITTEN, WRITTEN))
    return path
