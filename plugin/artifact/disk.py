"""Disk images behind an address: which addresses are versions of one disk, and one version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact.disk_addresses import (
    Publisher,
    publisher_at,
    version_spans,
    without_version,
)
from plugin.errors import Refusal

__all__ = ["DiskFamily", "DiskImage", "Publisher", "is_checksum", "publisher_of"]

_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
_ADDRESS = re.compile(r"https?://[^\s/?#@]+/[^\s?#]*[^\s/?#]")
# Longer than any browser takes, and short enough for every pattern.
_LONGEST = 2000


@dataclass(frozen=True, slots=True, order=True)
class DiskFamily:
    """The addresses that differ in their version only: of one disk image, for one architecture.

    `subscription` as in `Repository`.
    """

    pattern: str
    subscription: str = ""

    @classmethod
    def parse(cls, address: str) -> DiskFamily:
        """The family of an http or https address, or of a family; raises Refusal."""
        scheme, host, path = _parts(address)
        return cls(f"{scheme}://{host}/{without_version(path)}")

    def __str__(self) -> str:
        return self.pattern

    @property
    def plain(self) -> DiskFamily:
        """The family itself, whatever subscription to it this is."""
        return DiskFamily(self.pattern)

    def version_in(self, address: str) -> str | None:
        """The version of an address of the family, None for any other address.

        It is what the family's last star stands for: publishers write the most of it last
        (`releases/43/.../Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2` is 43-1.6).
        """
        try:
            _, _, path = _parts(address)
            own = DiskFamily.parse(address).pattern == self.pattern
        except Refusal:
            return None
        spans = version_spans(path)
        version = path[slice(*spans[-1])] if own and spans else "*"
        return None if version == "*" else version


def publisher_of(address: str) -> Publisher | None:
    """Who publishes the disk of an address or of a family, by its path or its host.

    Raises Refusal for what is no address.
    """
    _, host, path = _parts(address)
    return publisher_at(host, path)


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme, host and path of an address; raises Refusal."""
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise Refusal(f"'{address[:200]}' is not the address of a disk image")
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    return scheme, host.lower(), path


def is_checksum(text: str) -> bool:
    """Whether `text` is `ALGORITHM:HEX` as CDI takes it, of the algorithm's length.

    https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datavolumes.md
    """
    kind, _, digits = text.partition(":")
    return _LENGTHS.get(kind) == len(digits) and not set(digits) - set("0123456789abcdef")


@dataclass(frozen=True, slots=True, order=True)
class DiskImage:
    """A disk image: its address, the checksum of its bytes, and its version for people."""

    subject: DiskFamily
    tag: str
    address: str
    digest: str

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.address):
            raise Refusal(f"'{self.address[:200]}' is not the address of a disk image")
        if not is_checksum(self.digest):
            raise Refusal(f"'{self.digest[:200]}' is not a checksum such as sha256: and 64 digits")

    def __str__(self) -> str:
        return f"{self.address} {self.digest}"

    @property
    def content(self) -> str:
        """What proves that it is the same disk, whatever its version."""
        return self.digest

    @property
    def version(self) -> str:
        """Its version for people."""
        return self.tag
