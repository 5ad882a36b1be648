"""What the header of a qcow2 image says, and why KubeVirt could not start from it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from plugin.errors import Refusal

MAGIC = b"QFI\xfb"
_FIELDS = struct.Struct(">4sIQIIQIIQQIIQ")
_FEATURES = struct.Struct(">Q")
_CORRUPT, _EXTERNAL_DATA = 1 << 1, 1 << 2
_L1_ENTRY = 8


@dataclass(frozen=True, slots=True)
class Qcow2:
    """The fields of a header that decide whether a machine can start from the image alone.

    https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst
    """

    version: int
    virtual_size: int
    backing: str | None
    encrypted: bool
    features: int
    needed_size: int

    @classmethod
    def read(cls, head: bytes) -> Self:
        """The header at the beginning of `head`; raises Refusal if it is cut off."""
        if len(head) < _FIELDS.size + _FEATURES.size:
            raise Refusal("is cut off in its first bytes: get it again")
        fields = _FIELDS.unpack_from(head)
        _, version, backing, named, cluster_bits, size, crypt, l1_size, l1, refcounts, clusters = (
            fields[:11]
        )
        features = _FEATURES.unpack_from(head, _FIELDS.size)[0] if version >= 3 else 0
        # Later fields may say anything in a header that is none.
        refcounts_end = refcounts + (clusters << min(cluster_bits, 21))
        needed = max(l1 + _L1_ENTRY * l1_size, refcounts_end)
        # At most 1023 bytes in the first cluster; a header that is none may say anything.
        name = head[backing : backing + min(named, 1023)].decode("utf-8", "replace")
        return cls(version, size, name if backing else None, crypt != 0, features, needed)

    def faults(self, file: str, size: int) -> Iterator[str]:
        """Why a machine cannot start from this file of `size` bytes, each with what to do."""
        join = f"join them with 'qemu-img convert -O qcow2 {file} DISK.qcow2'"
        if self.version not in {2, 3}:
            yield f"is qcow2 version {self.version}, of which only 2 and 3 are known: convert it"
        if self.backing is not None:
            yield (
                f"keeps only what differs from its backing file '{self.backing}', which would be "
                f"missing in the cluster: {join}"
            )
        if self.features & _EXTERNAL_DATA:
            yield (f"keeps its data in another file, which would be missing in the cluster: {join}")
        if self.encrypted:
            yield (
                "is encrypted by qemu, for which KubeVirt has no key: decrypt it with 'qemu-img "
                "convert --object secret,id=key,file=PASSPHRASE-FILE --image-opts "
                f"driver=qcow2,file.filename={file},encrypt.key-secret=key -O qcow2 DISK.qcow2'"
            )
        if self.features & _CORRUPT:
            repair = f"qemu-img check -r all {file}"
            yield f"is marked corrupt: repair it with '{repair}', or get it again"
        if self.virtual_size == 0:
            yield "is a disk of 0 bytes: nothing could start from it"
        if self.needed_size > size:
            yield f"is cut off: it needs at least {self.needed_size} bytes and has {size}"
