"""CDI's own convention for the DataVolume of a digest, out of the facts its source gives."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.contracts.kubevirt import fetch


@dataclass(frozen=True, slots=True)
class Named:
    """How CDI names the DataVolume of a digest: the numbers are its own, from `names.json`."""

    suffix_length: int
    digest_prefixes: tuple[str, ...]
    max_length: int
    cut_for_hash: int

    def name(self, base: str, digest: str, max_length: int | None = None) -> str:
        """`<base>-<first digits of the digest>`; a base too long is cut and its hash put in.

        Raises ValueError where CDI refuses the digest.
        """
        limit = self.max_length if max_length is None else max_length
        prefix = next((one for one in self.digest_prefixes if digest.startswith(one)), None)
        if prefix is None or len(digest) < len(prefix) + self.suffix_length:
            raise ValueError(f"CDI makes no name of {digest!r}")
        suffix = digest[len(prefix) :][: self.suffix_length]
        whole = f"{base}-{suffix}"
        if len(whole) <= limit:
            return whole
        room = limit - self.cut_for_hash - len(suffix)
        return f"{base[:room]}-{_fnv32a(base):08x}-{suffix}"


def cdi_names() -> Named:
    """CDI's convention, as its source says it."""
    facts = {key: fact["value"] for key, fact in json.loads(fetch.NAMES.read_text()).items()}
    return Named(
        suffix_length=facts["suffix_length"],
        digest_prefixes=tuple(facts["digest_prefixes"]),
        max_length=facts["max_length"],
        cut_for_hash=facts["cut_for_hash"],
    )


def _fnv32a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) % 2**32
    return value
