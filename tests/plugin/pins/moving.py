"""The versions that tests move a pin to, and those that bring it back to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from plugin.artifact import (
    Chart,
    ChartName,
    DiskFamily,
    GitRepository,
    Image,
    Machine,
    MachineVersion,
    Repository,
    Revision,
    Subject,
    Tagged,
    Wanted,
)
from plugin.pins.pin import Missing, Pin

TAG = "98.76.54-towline"
DIGEST = "sha256:" + "9d" * 32
_PATCH = re.compile(r"(v?[0-9]+\.[0-9]+)(?:\.([0-9]+))?(.*)")


def subject(pin: Pin) -> Subject:
    """What the pin is a version of; no corpus file has a marker of ours."""
    assert isinstance(pin.subject, Repository | ChartName | GitRepository | DiskFamily | Machine)
    return pin.subject


def away(pins: Iterable[Pin]) -> Wanted:
    """Another version for pins of one subject, with a digest where one of them has one."""
    several = tuple(pins)
    match subject(several[0]):
        case Repository() as repository:
            digests = any(one.digest for one in several)
            return Image(repository, TAG, DIGEST) if digests else Tagged(repository, TAG)
        case ChartName() as chart:
            return Chart(chart, TAG)
        case GitRepository() as git:
            return Revision(git, f"v{TAG}")
        case Machine() as machine:
            return MachineVersion(machine, _next_patch(str(several[-1].tag)))
        case _:
            raise AssertionError(several[0])


def home(pin: Pin) -> Wanted | None:
    """The version the pin had; None where it had none, or where going away created a key."""
    if pin.tag is None and (pin.digest is None or _creates(pin)):
        return None
    match subject(pin):
        case Repository() as repository:
            tag = pin.tag or TAG
            return Image(repository, tag, pin.digest) if pin.digest else Tagged(repository, tag)
        case ChartName() as chart:
            return Chart(chart, str(pin.tag))
        case GitRepository() as git:
            return Revision(git, str(pin.tag))
        case Machine() as machine:
            return MachineVersion(machine, _whole(str(pin.tag)))
        case _:
            raise AssertionError(pin)


def _creates(pin: Pin) -> bool:
    return any(isinstance(part.slot, Missing) for part in pin.parts)


def _next_patch(tag: str) -> str:
    """A patch version up, which machines may be moved to, and down again from."""
    found = _PATCH.fullmatch(tag)
    assert found is not None, tag
    return f"{found[1]}.{int(found[2] or 0) + 1}{found[3]}"


def _whole(tag: str) -> str:
    return f"{tag}.0" if re.fullmatch(r"v?[0-9]+\.[0-9]+", tag) else tag


def words(tag: str | None, digest: str | None) -> list[str]:
    """Every way a file writes a version, the longest first; '' for none."""
    tags = {tag, tag.removeprefix("v"), quote(tag), tag.replace("+", "_")} if tag else set()
    minors = {".".join(tag.split(".")[:2])} if tag else set()
    digests = {digest, digest.rpartition(":")[2]} if digest else set()
    both = {f"{one}@{digest}" for one in tags} if digest else set()
    plain = tags | minors | digests | both
    marked = {f":{one}" for one in tags | both} | {f"@{one}" for one in digests}
    return sorted(plain | marked, key=len, reverse=True)
