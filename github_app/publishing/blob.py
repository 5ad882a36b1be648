"""Bytes that a registry keeps under their own hash, read as often as they must be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Blob:
    """`size` bytes with the digest `digest`; `blocks` reads them from the beginning."""

    media_type: str
    digest: str
    size: int
    blocks: Callable[[], Iterator[bytes]]

    def descriptor(self) -> dict[str, Any]:
        """How manifests name it.

        https://github.com/opencontainers/image-spec/blob/main/descriptor.md
        """
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}

    def content(self) -> bytes:
        """All of it; for manifests and configurations, which are small."""
        return b"".join(self.blocks())


def json_blob(media_type: str, value: object) -> Blob:
    """The value as JSON, always the same bytes for the same value."""
    content = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    return Blob(media_type, sha256(content), len(content), lambda: iter((content,)))


def sha256(content: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Body:
    """Bytes for `requests` to send with their length, block by block, counted as they go.

    It can be sent again: each time it begins anew.
    """

    def __init__(
        self, size: int, blocks: Callable[[], Iterator[bytes]], sent: Callable[[int], None]
    ) -> None:
        self._size = size
        self._blocks = blocks
        self._sent = sent

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks():
            yield block
            self._sent(len(block))
