"""The one layer of a container disk: a tar archive around the file, never held as a whole."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from github_app.publishing.blob import Blob
from github_app.publishing.disk_file import DiskFile
from plugin.errors import Refusal

# Not compressed. What is compressed differs between versions of zlib, so the digest would say less
# than "the same disk"; qcow2 images are compressed inside already; and nodes need not decompress
# what they pull. CDI and every container runtime read both.
LAYER = "application/vnd.oci.image.layer.v1.tar"
_BLOCK = 1024 * 1024
# The user that qemu runs as in KubeVirt
# (https://kubevirt.io/user-guide/storage/disks_and_volumes/#containerdisk).
_QEMU = 107


@dataclass(frozen=True, slots=True)
class Layer:
    """`disk/` and the file in it; what stands around the file in the archive."""

    disk: DiskFile
    head: bytes
    tail: bytes

    @property
    def size(self) -> int:
        """Bytes of the whole archive."""
        return len(self.head) + self.disk.size + len(self.tail)

    def blocks(self) -> Iterator[bytes]:
        """The archive from its beginning; raises Refusal if the file has changed."""
        yield self.head
        yield from self.content()
        yield self.tail

    def content(self) -> Iterator[bytes]:
        """The file alone; raises Refusal, which nobody takes for a connection that broke."""
        left = self.disk.size
        try:
            with self.disk.path.open("rb") as file:
                while left:
                    block = file.read(min(_BLOCK, left))
                    if not block:
                        raise Refusal(f"{self.disk.path} became shorter while it was read")
                    left -= len(block)
                    yield block
        except OSError as error:
            raise Refusal(f"{self.disk.path} cannot be read: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Examined:
    """A layer with the digest of its archive, and the file's checksums by algorithm."""

    layer: Layer
    digest: str
    checksums: dict[str, str]

    def blob(self) -> Blob:
        """What a registry keeps."""
        return Blob(LAYER, self.digest, self.layer.size, self.layer.blocks)


def layer_of(disk: DiskFile) -> Layer:
    """The layer that holds the disk, always the same for the same file under the same name.

    CDI takes the first file below `disk/`, KubeVirt the only one.
    """
    folder = _entry("disk/", tarfile.DIRTYPE, 0o555)
    file = _entry(f"disk/{_name(disk)}", tarfile.REGTYPE, 0o440)
    file.size = disk.size
    head = b"".join(one.tobuf(tarfile.PAX_FORMAT) for one in (folder, file))
    padding = -disk.size % tarfile.BLOCKSIZE
    return Layer(disk, head, bytes(padding + 2 * tarfile.BLOCKSIZE))


def examined(layer: Layer, algorithms: Iterable[str], read: Callable[[int], None]) -> Examined:
    """The layer's digest and the file's checksums, in one pass; `read` is told of each block."""
    checksums = {name: hashlib.new(name) for name in algorithms}
    archive = hashlib.sha256(layer.head)
    for block in layer.content():
        archive.update(block)
        for checksum in checksums.values():
            checksum.update(block)
        read(len(block))
    archive.update(layer.tail)
    found = {name: checksum.hexdigest() for name, checksum in checksums.items()}
    return Examined(layer, f"sha256:{archive.hexdigest()}", found)


def _name(disk: DiskFile) -> str:
    """The file's own name; `.img` says nothing about the format, so that stands behind it."""
    suffixes = {".img", ".raw", ".qcow2", ".iso", ".disk"}
    path = disk.path
    stem = path.stem if path.suffix.lower() in suffixes else path.name
    return f"{stem}.{disk.format.value}"


def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = kind, mode
    entry.uid = entry.gid = _QEMU
    return entry
