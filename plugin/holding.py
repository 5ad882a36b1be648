"""What a line of a stage holds according to its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from plugin.artifact import (
    Artifact,
    Chart,
    ChartName,
    Custom,
    CustomName,
    Image,
    Repository,
    Watched,
)
from plugin.disks.lying import lies
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.held import Held, agrees, held_by, held_of, quarrelling
from plugin.pins.pin import Pin
from plugin.pipeline import ExplicitPin, Warehouse
from plugin.record import Record, read_record, record_path
from plugin.stage_files import StageFiles, pins_that_count, sources_of
from plugin.stage_policy import Write


@dataclass(frozen=True, slots=True)
class Empty:
    """Neither pins with a version nor a record: the line waits for its first freight."""


@dataclass(frozen=True, slots=True)
class Managed:
    """The stage holds what its record says: record and pins agree, or the record is applied.

    `unwritten` says that the stage now asks for the other of the two, and has not got it yet.
    """

    record: Record
    unwritten: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """Pins without a record: somebody's state, taken over as it is and never downgraded.

    `freight` is there when every subject of the warehouse has one whole version; otherwise a
    registry must say which digest a tag in `held` means. Where only the record is to be written,
    `held` may name a subject twice.
    """

    held: tuple[Held, ...]
    freight: Freight | None


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """Pins that disagree with the record, or, without a record, with each other.

    `found` may name a subject twice; `details` tells each pin with its line and what it says.
    """

    record: Record | None
    found: tuple[Held, ...]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Files that may hold a pin or the record, but cannot be read; each reason has its line."""

    reasons: tuple[str, ...]


Holding: TypeAlias = Empty | Managed | Adopted | Unmanaged | Unreadable


def holding(
    stage_dir: str,
    warehouse: Warehouse,
    files: StageFiles,
    explicit: tuple[ExplicitPin, ...] = (),
    write: Write = Write.PINS,
    unpinned: frozenset[Watched] = frozenset(),
) -> Holding:
    """What the line of `warehouse` holds in `stage_dir`; `files` maps paths to texts.

    `explicit` are the pins that the stage declares, and `write` what its promotions change. Where
    nothing pins what is `unpinned`, the record alone says its version.

    The pins are the truth: the record only says which freight they are. A pin without a digest
    agrees by its tag alone. But a record that the sidecar applies is the truth itself, and pins
    are placeholders then.
    """
    path = record_path(stage_dir, warehouse.name)
    record: Record | None = None
    reasons: list[str] = []
    if path in files:
        try:
            record = _own_record(path, files[path], warehouse)
        except Refusal as refusal:
            reasons.append(str(refusal))
    if record is not None and record.write is Write.RECORD:
        return Managed(record, unwritten=write is not Write.RECORD)
    sources = sources_of(stage_dir, files, warehouse.subjects, explicit)
    pins, unclear = pins_that_count(stage_dir, warehouse.carries, sources)
    if write is Write.RECORD and not reasons:
        return _placeholders(warehouse, pins, record, unclear, unpinned)
    if reasons or unclear:
        return Unreadable((*unclear, *reasons))
    if record is not None:
        return _compared(warehouse, pins, record, unpinned)
    return _adopted(warehouse, pins, tuple(lies(sources, pins)))


def _placeholders(
    warehouse: Warehouse,
    pins: tuple[Pin, ...],
    record: Record | None,
    unclear: list[str],
    unpinned: frozenset[Watched],
) -> Holding:
    """What a stage holds that waits for its first record to be applied; no pin can be in the way.

    Until then its files are rendered as they are, so versions in them are somebody's.
    """
    if record is not None:
        differs = isinstance(_compared(warehouse, pins, record, unpinned), Unmanaged)
        return Managed(record, unwritten=bool(unclear) or differs)
    found = held_by(pins)
    if not found:
        return Empty()
    return Adopted(found, None if quarrelling(found, pins) else _freight(warehouse, found))


def _own_record(path: str, text: str, warehouse: Warehouse) -> Record:
    record = read_record(path, text)
    if record.freight.warehouse != warehouse.name:
        raise Refusal(
            f"{path}: is the record of warehouse '{record.freight.warehouse}', "
            f"not of '{warehouse.name}'; restore the file from Git"
        )
    return record


def _adopted(warehouse: Warehouse, pins: tuple[Pin, ...], lying: tuple[str, ...]) -> Holding:
    """Pins without a record, some of which may be `lying`: what they say never came to run."""
    found = held_by(pins)
    if not found:
        return Empty()
    quarrels = tuple(str(pin) for pin in quarrelling(found, pins))
    if quarrels or lying:
        return Unmanaged(None, found, (*quarrels, *lying))
    return Adopted(found, _freight(warehouse, found))


def _freight(warehouse: Warehouse, found: tuple[Held, ...]) -> Freight | None:
    artifacts = tuple(complete(found))
    whole = {one.subject for one in artifacts} == set(warehouse.carries)
    return Freight(warehouse.name, artifacts) if whole and artifacts else None


def _compared(
    warehouse: Warehouse, pins: tuple[Pin, ...], record: Record, unpinned: frozenset[Watched]
) -> Holding:
    counting = set(warehouse.carries) - (unpinned - {one.subject for one in pins})
    artifacts = [one for one in record.freight.artifacts if one.subject in counting]
    details = tuple(line for one in artifacts for line in _differences(one, pins))
    return Unmanaged(record, held_by(pins), details) if details else Managed(record)


def _differences(artifact: Artifact, pins: Iterable[Pin]) -> Iterator[str]:
    mine = [pin for pin in pins if pin.subject == artifact.subject]
    expected = f"the record says {held_of(artifact).version}"
    if not mine:
        yield f"no pin of {artifact.subject} is left, but {expected}"
    for pin in mine:
        if not agrees(pin, held_of(artifact)):
            yield f"{pin}, but {expected}"


def complete(found: Iterable[Held]) -> Iterator[Artifact]:
    """Those of `found` that say all there is to say of an artifact.

    What a pin cannot hold must be asked for: of a Git tag the commit, of a disk image its address,
    of a chart in a registry its digest.
    """
    for one in found:
        match one:
            case Held(Repository() as repository, str(tag), str(digest)):
                yield Image(repository, tag, digest)
            case Held(ChartName() as chart, str(tag)) if not chart.in_registry:
                yield Chart(chart, tag)
            case Held(CustomName() as custom, str(tag)):
                yield Custom(custom, tag)
            case _:
                pass
