"""What a line of a stage holds according to its files, and the file changes that promote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from plugin.artifact import Artifact, Image, Repository
from plugin.bumping import Bumps, bumps
from plugin.disks.lying import lies
from plugin.disks.move import Replaced
from plugin.disks.policy import USUAL, Terms
from plugin.disks.restarts import Restarting, restarting
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.held import Held, agrees, held_by, quarrelling
from plugin.pins.pin import Change, Pin, UpToDate
from plugin.pipeline import ExplicitPin, Warehouse
from plugin.record import Record, read_record, record_path, write_record
from plugin.stage_files import StageFiles, pins_that_count, sources_of


@dataclass(frozen=True, slots=True)
class Empty:
    """Neither pins with a version nor a record: the line waits for its first freight."""


@dataclass(frozen=True, slots=True)
class Managed:
    """Record and pins agree."""

    record: Record


@dataclass(frozen=True, slots=True)
class Adopted:
    """Pins without a record: somebody's state, taken over as it is and never downgraded.

    `freight` is there when every repository of the warehouse has one tag and one digest;
    otherwise the registry must say which digest a tag in `held` means.
    """

    held: tuple[Held, ...]
    freight: Freight | None


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """Pins that disagree with the record, or, without a record, with each other.

    `found` may name a repository twice; `details` tells each pin with its line and what it says.
    """

    record: Record | None
    found: tuple[Held, ...]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Files that may hold a pin or the record, but cannot be read; each reason has its line."""

    reasons: tuple[str, ...]


Holding: TypeAlias = Empty | Managed | Adopted | Unmanaged | Unreadable


@dataclass(frozen=True, slots=True)
class Changes:
    """New texts of the files a promotion changes, the record included, and the bumps in them.

    `disks` are the VM disks that machines and DataSources take from then on, and `restarts` the
    machines that boot from an image which changes.
    """

    files: Mapping[str, str]
    bumps: tuple[Change, ...]
    disks: tuple[Replaced, ...] = ()
    restarts: tuple[Restarting, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a stage cannot take the freight; each reason says what to do."""

    reasons: tuple[str, ...]


def holding(
    stage_dir: str,
    warehouse: Warehouse,
    files: StageFiles,
    explicit: tuple[ExplicitPin, ...] = (),
) -> Holding:
    """What the line of `warehouse` holds in `stage_dir`; `files` maps paths to texts.

    `explicit` are the pins that the stage declares.

    The pins are the truth: the record only says which freight they are. A pin without a digest
    agrees by its tag alone.
    """
    path = record_path(stage_dir, warehouse.name)
    sources = sources_of(stage_dir, files, warehouse.subjects, explicit)
    pins, reasons = pins_that_count(stage_dir, warehouse.repositories, sources)
    record: Record | None = None
    if path in files:
        try:
            record = _own_record(path, files[path], warehouse)
        except Refusal as refusal:
            reasons.append(str(refusal))
    if reasons:
        return Unreadable(tuple(reasons))
    if record is not None:
        return _compared(warehouse, pins, record)
    return _adopted(warehouse, pins, tuple(lies(sources, pins)))


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
    images = tuple(
        Image(one.repository, one.tag, one.digest) for one in found if one.tag and one.digest
    )
    complete = {one.repository for one in images} == set(warehouse.repositories)
    return Freight(warehouse.name, images) if complete else None


def _compared(warehouse: Warehouse, pins: tuple[Pin, ...], record: Record) -> Holding:
    watched = set(warehouse.repositories)
    artifacts = [one for one in record.freight.artifacts if one.repository in watched]
    details = tuple(line for one in artifacts for line in _differences(one, pins))
    return Unmanaged(record, held_by(pins), details) if details else Managed(record)


def _differences(artifact: Artifact, pins: Iterable[Pin]) -> Iterator[str]:
    mine = [pin for pin in pins if pin.subject == artifact.repository]
    expected = f"the record says {artifact.tag}@{artifact.digest}"
    if not mine:
        yield f"no pin of {artifact.repository} is left, but {expected}"
    for pin in mine:
        if not agrees(pin, Held(artifact.repository, artifact.tag, artifact.digest)):
            yield f"{pin}, but {expected}"


def promote(  # noqa: PLR0913 - a stage decides this much
    stage_dir: str,
    warehouse: Warehouse,
    files: StageFiles,
    freight: Freight,
    record: Record,
    explicit: tuple[ExplicitPin, ...] = (),
    *,
    terms: Terms = USUAL,
) -> Changes | UpToDate | Refused:
    """The changes that make the stage hold `freight`, with `record` in the same commit.

    Refused as a whole when one artifact has no pin, a place that may be a pin cannot be bumped,
    or pins of one repository disagree: half a freight is never promoted.
    """
    repositories = tuple(one.repository for one in freight.artifacts)
    sources = sources_of(stage_dir, files, warehouse.subjects, explicit)
    pins, reasons = pins_that_count(stage_dir, repositories, sources)
    reasons += [
        f"{pin}, but other pins of it differ; make them say the same first"
        for pin in quarrelling(held_by(pins), pins)
    ]
    if not reasons:
        reasons += _without_pin(stage_dir, repositories, pins)
    done = bumps(sources, freight.artifacts, counts=frozenset(pins).__contains__, terms=terms)
    reasons += map(str, done.refused)
    if reasons:
        return Refused(tuple(dict.fromkeys(reasons)))
    answer = _with_record(record_path(stage_dir, warehouse.name), files, record, done)
    if isinstance(answer, Changes):
        return replace(answer, restarts=restarting(sources, done.changes))
    return answer


def _without_pin(
    stage_dir: str, repositories: Iterable[Repository], pins: Iterable[Pin]
) -> Iterator[str]:
    pinned = {pin.subject for pin in pins}
    where = stage_dir.strip("/") or "the repository's root"
    for repository in repositories:
        if repository not in pinned:
            yield (
                f"{where} holds no pin of {repository}; add an 'images' entry with "
                f"'name: {repository}' to its kustomization.yaml, or give the image a tag "
                "where a manifest names it"
            )


def _with_record(path: str, files: StageFiles, record: Record, done: Bumps) -> Changes | UpToDate:
    """The record follows the pins; one that already names the freight is left as it is."""
    if not done.files and _records(path, files, record.freight):
        return UpToDate()
    return Changes({**done.files, path: write_record(record)}, done.changes, done.disks)


def _records(path: str, files: StageFiles, freight: Freight) -> bool:
    try:
        return path in files and read_record(path, files[path]).freight == freight
    except Refusal:
        return False
