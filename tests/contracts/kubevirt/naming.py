"""CDI's own convention for the DataVolume of a digest, out of the facts its source gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
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


def differences(disk_name: Callable[[str, str], str], max_length: int) -> list[str]:
    """Where a function from base and digest (`sha256:<hex>`) to a name leaves CDI's convention.

    Names that fit are CDI's own. A longer one, which CDI would still take whole, is cut to
    `max_length` and keeps what the convention is for: the digits at the end, a legal name, and
    another name for another disk, even where two bases differ only in what was cut.
    """
    cdi = cdi_names()
    digest = "sha256:" + "4f3c0a9b1d2e" * 5 + "7777"
    room = max_length - cdi.suffix_length - 1
    fitting = ["web", "web-root", "a.b", "1", "x" * room]
    wrong = [
        f"{base!r} is {disk_name(base, digest)!r}, to CDI {cdi.name(base, digest)!r}"
        for base in fitting
        if disk_name(base, digest) != cdi.name(base, digest)
    ]
    suffix = "-" + digest.removeprefix("sha256:")[: cdi.suffix_length]
    return wrong + list(_cut_wrongly(lambda base: disk_name(base, digest), suffix, max_length))


def _cut_wrongly(name: Callable[[str], str], suffix: str, max_length: int) -> Iterator[str]:
    stems = ["x" * length + mark for length in range(1, max_length) for mark in ("-", ".", "")]
    bases = [stem + "y" * (max_length - len(stem)) + end for stem in stems for end in ("1", "2")]
    seen: dict[str, str] = {}
    for base in sorted(set(bases)):
        made = name(base)
        if not made.endswith(suffix) or len(made) > max_length or not _LEGAL.fullmatch(made):
            yield f"{base!r} is {made!r}, which is not a legal name of {max_length} with {suffix!r}"
        elif made in seen:
            yield f"{base!r} and {seen[made]!r} are both {made!r}"
        seen[made] = base


_LEGAL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
