"""Checksum files, in the grammars of GNU and BSD tools; pure.

GNU's lines are `HEX  NAME` or `HEX *NAME`, BSD's `SHA256 (NAME) = HEX`
(https://www.gnu.org/software/coreutils/manual/html_node/md5sum-invocation.html). Flatcar's DIGESTS
are GNU lines of several algorithms. Everything else is skipped: comments, and the armour of signed
files. Signatures are *not* verified: what vouches for the file is the TLS of who serves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.errors import Refusal

_STRENGTH = {64: "sha256", 128: "sha512"}
_GNU = re.compile(r"\\?([0-9A-Fa-f]{64}|[0-9A-Fa-f]{128}) [ *](\S.*)")
_BSD = re.compile(r"(SHA256|SHA512) \((.+)\) = ([0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})")
_ALONE = re.compile(r"\s*([0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})\s*")
_MOST = 100_000


def checksums(text: str) -> dict[str, str]:
    """File names without directories to checksums, the strongest said of each; maybe none.

    MD5 and SHA-1 are left out: they prove nothing any more. Raises Refusal where two of one
    strength contradict each other, and for more than 100,000 lines.
    """
    found: dict[str, str] = {}
    for path, digits in _lines(text):
        name = path.rpartition("/")[2]
        if not name:
            continue
        new = f"{_STRENGTH[len(digits)]}:{digits.lower()}"
        old = found.get(name, "")
        if len(old) == len(new) and old != new:
            raise Refusal(f"it says {old} and {new} of {name[:200]}")
        if len(new) > len(old):
            found[name] = new
    return found


def checksum_of(name: str, text: str) -> str | None:
    """The checksum of the file `name`: of its line, or all that the text says."""
    alone = _ALONE.fullmatch(text)
    if alone is not None:
        return f"{_STRENGTH[len(alone[1])]}:{alone[1].lower()}"
    return checksums(text).get(name)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Paths and digits."""
    lines = text.split("\n", _MOST)
    if len(lines) > _MOST:
        raise Refusal(f"it has more than {_MOST} lines")
    for line in lines:
        gnu = _GNU.fullmatch(line.rstrip())
        bsd = None if gnu else _BSD.fullmatch(line.strip())
        if gnu:
            yield gnu[2], gnu[1]
        elif bsd and _STRENGTH[len(bsd[3])] == bsd[1].lower():
            yield bsd[2], bsd[3]
