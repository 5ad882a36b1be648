"""What the pins of a directory say, whichever versions they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plugin.artifact import Artifact, DiskFamily, DiskImage, Machine, Watched
from plugin.errors import Refusal
from plugin.held import Held, held_by, quarrelling
from plugin.pins.pin import Named, Pin
from plugin.stage_files import pins_that_count, sources_of


@dataclass(frozen=True, slots=True)
class HeldIn:
    """All that a directory holds; what stands in the way says its place and what to do."""

    holds: tuple[Artifact | Held, ...] = ()
    problems: tuple[str, ...] = ()


def held_in(directory: str, files: Mapping[str, str]) -> HeldIn:
    """What the files of `directory` hold; `files` maps paths to texts.

    Disk images come whole, for nobody can be asked for the address of a version; of all others a
    source can say what a pin leaves out. Machines' versions are not watched.
    """
    sources = sources_of(directory, files)
    pins = [pin for file in sorted(sources.texts) for pin in sources.found(file).pins]
    subjects = {one.subject: None for one in pins if not isinstance(one.subject, Machine | Named)}
    counting, reasons = pins_that_count(directory, tuple(subjects), sources)
    held = held_by(counting)
    quarrels = (
        f"{pin}, but other pins of it differ; make them say the same"
        for pin in quarrelling(held, counting)
    )
    problems = (*reasons, *quarrels)
    if problems:
        return HeldIn(problems=tuple(dict.fromkeys(problems)))
    return HeldIn(tuple(_whole(held, counting)))


def _whole(held: tuple[Held, ...], pins: tuple[Pin, ...]) -> Iterator[Artifact | Held]:
    disks = _disks(pins)
    for one in held:
        if not isinstance(one.subject, DiskFamily):
            yield one
        elif one.subject in disks:
            yield disks[one.subject]


def _disks(pins: tuple[Pin, ...]) -> Mapping[Watched, DiskImage]:
    """The disk images whose address and checksum a pin has."""
    found: dict[Watched, DiskImage] = {}
    for pin in pins:
        if isinstance(pin.subject, DiskFamily) and pin.digest and pin.tag:
            try:
                disk = DiskImage(pin.subject, pin.tag, pin.value.strip("\"'"), pin.digest)
            except Refusal:
                continue
            found.setdefault(pin.subject, disk)
    return found
