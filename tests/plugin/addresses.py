"""Addresses of other versions of a disk image."""

from __future__ import annotations

from itertools import product

from plugin.artifact import DiskFamily

_VERSIONS = ("9.9.9", "20990101", "99", "99-1.1", "9.9-20990101.0")


def another(family: DiskFamily) -> str:
    """An address of the family that nobody has; the family itself where it has no version."""
    pieces = family.pattern.split("*")
    for words in product(_VERSIONS, repeat=len(pieces) - 1):
        address = "".join(piece + word for piece, word in zip(pieces, (*words, ""), strict=True))
        if DiskFamily.parse(address) == family:
            return address
    raise AssertionError(f"no version fits into {family}")
