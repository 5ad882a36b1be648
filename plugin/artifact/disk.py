"""Disk images behind an address: which addresses are versions of one disk, and one version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact.disk_addresses import without_version
from plugin.errors import Refusal

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
        if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
            raise Refusal(f"'{address[:200]}' is not the address of a disk image")
        scheme, _, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        return cls(f"{scheme}://{host.lower()}{slash}{without_version(path)}")

    def __str__(self) -> str:
        return self.pattern


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
