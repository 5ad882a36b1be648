"""Names of disks: what the disk is, and the first digits of what is on it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from plugin.artifact import is_checksum, is_digest
from plugin.errors import Refusal

# As CDI names what a DataImportCron imports (digestDvNameSuffixLength in
# https://github.com/kubevirt/containerized-data-importer, dataimportcron-controller.go).
SUFFIX = 12
# Leaves room for what KubeVirt and CDI append to a claim's name within 63 characters.
LONGEST = 52
_MARK = 8

# A DNS-1123 subdomain (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NAME_LENGTH = 253
_SUFFIXED = re.compile(rf"(?P<base>.*[a-z0-9])-(?P<digits>[0-9a-f]{{{SUFFIX}}})")
_VERSIONED = re.compile(r"(?P<base>.*[a-z0-9])-v?(?P<version>[0-9]+(?:[.-][0-9]+)+)")


def disk_name(base: str, digest: str) -> str:
    """The name of the disk `base` with the content `digest`: `web-root-4f3c0a9b1d2e`.

    At most 52 characters, cut from the base and never from the digits; raises Refusal where
    `base` is no DNS-1123 name or `digest` no digest or checksum.
    """
    if len(base) > _NAME_LENGTH or not _NAME.fullmatch(base):
        raise Refusal(
            f"'{base[:120]}' is not a name of up to {_NAME_LENGTH} lower-case letters, digits, '-' "
            "and '.' between them"
        )
    if not (is_digest(digest) or is_checksum(digest)):
        raise Refusal(f"'{digest[:120]}' is not a digest or checksum")
    return f"{fitting(base)}-{digest.partition(':')[2][:SUFFIX]}"


def fitting(base: str) -> str:
    """A base that leaves room for the suffix; two that differ only in what is cut stay two."""
    room = LONGEST - SUFFIX - 1
    if len(base) <= room:
        return base
    return f"{base[: room - _MARK - 1].rstrip('-.')}-{_fnv32a(base):0{_MARK}x}"


def _fnv32a(text: str) -> int:
    """The hash CDI puts into names that it has to cut (its naming package, `GetName`)."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) % 2**32
    return value


def suffix_of(name: str) -> str | None:
    """The twelve digits that `name` ends in, or None."""
    found = _SUFFIXED.fullmatch(name) if len(name) <= _NAME_LENGTH else None
    return found["digits"] if found else None


def base_of(name: str, said: Iterable[str] = ()) -> str:
    """What `name` calls the disk, without the digits of its content.

    A version in the name goes as well where it is one of the disk's source: `talos-1.7.6` of
    `.../v1.7.6/nocloud-amd64.raw.xz` is `talos`, because it would lie after the first bump.
    `said` are the words of the source: its tag, its address.
    """
    if len(name) > _NAME_LENGTH:
        return name
    found = _SUFFIXED.fullmatch(name)
    if found:
        return found["base"]
    versioned = _VERSIONED.fullmatch(name)
    if versioned and any(_holds(word, versioned["version"]) for word in said):
        return versioned["base"]
    return name


def _holds(text: str, version: str) -> bool:
    return re.search(rf"(?<![0-9.]){re.escape(version)}(?![0-9])", text) is not None
