"""What the objects of a stage may carry: artifacts of its records, or others asked for instead."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from plugin.artifact.image import Image

if TYPE_CHECKING:
    from plugin.artifact.disk import DiskImage
    from plugin.record import Record


@dataclass(frozen=True, slots=True)
class Load:
    """What an object may carry: artifacts of a record, or one that somebody asked for instead.

    Charts and revisions are no longer to be seen in what they were rendered to.
    """

    artifacts: tuple[Image | DiskImage, ...]
    record: Record | None = None


def loads_of(records: Iterable[Record], overrides: Sequence[Image]) -> tuple[Load, ...]:
    """Every load of a stage: its records' artifacts, and `overrides` in place of some of them."""
    instead = {one.subject for one in overrides}
    held = (Load(tuple(_carried(record, instead)), record) for record in records)
    return (*(one for one in held if one.artifacts), *(Load((one,)) for one in overrides))


def _carried(record: Record, instead: Container[object]) -> Iterator[Image | DiskImage]:
    for one in record.freight.artifacts:
        if one.subject in instead:
            continue
        if isinstance(one, Image):
            yield replace(one, repository=one.repository.plain)
        # By its name: to load the class takes longer than most renders have.
        elif type(one).__name__ == "DiskImage":
            disk = cast("DiskImage", one)
            yield replace(disk, subject=disk.subject.plain)
