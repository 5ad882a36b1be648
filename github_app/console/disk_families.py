"""Whether `--set-disk` stays with the disk image that is there."""

from __future__ import annotations

from collections.abc import Iterator

from github_app.console.asked import Asked
from plugin.artifact import DiskFamily, DiskImage
from plugin.errors import Refusal
from plugin.pins.naming import resolved
from plugin.pins.sources import Sources


def check_families(sources: Sources, asked: Asked) -> None:
    """Raises Refusal where an address would be replaced by one of another disk image.

    Who names the very address that stands there may: that cannot mean another machine's disk.
    """
    for wanted in asked.wanted:
        if isinstance(wanted, DiskImage) and DiskFamily.parse(wanted.address) != wanted.subject:
            for place, address in _addresses(sources, asked, wanted.subject):
                if address not in asked.names:
                    raise Refusal(
                        f"--set-disk: {wanted.address} is no version of {wanted.subject}, which "
                        f"{place} has: another release, architecture or platform is another disk; "
                        f"if it is meant, write {address} before the '='"
                    )


def _addresses(sources: Sources, asked: Asked, family: DiskFamily) -> Iterator[tuple[str, str]]:
    for file in sources.mentioning([family]):
        for pin in resolved(sources.found(file), asked.names).pins:
            if pin.subject == family:
                yield f"{pin.file}:{pin.line}", pin.value.strip("\"'")
