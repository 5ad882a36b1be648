"""Disk images behind an address: which addresses are versions of one disk, and one version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.errors import Refusal

_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
_ADDRESS = re.compile(r"https?://[^\s/?#@]+/[^\s?#]*[^\s/?#]")
# Numbers stand for versions, but for those that are part of an architecture's name.
_NUMBERS = re.compile(
    r"(?:x86[_-]64|aarch64|amd64|arm64|s390x|ppc64le|riscv64|qcow2)|([0-9]+(?:[._-][0-9]+)*)"
)


@dataclass(frozen=True, slots=True, order=True)
class DiskFamily:
    """The addresses that differ in their numbers only: versions of one disk image."""

    pattern: str

    @classmethod
    def parse(cls, address: str) -> DiskFamily:
        """The family of an http or https address, or of a pattern; raises Refusal."""
        if not _ADDRESS.fullmatch(address):
            raise Refusal(f"'{address[:200]}' is not the address of a disk image")
        scheme, _, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        kept = _NUMBERS.sub(lambda found: "*" if found[1] else found[0], path)
        return cls(f"{scheme}://{host.lower()}{slash}{kept}")

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
