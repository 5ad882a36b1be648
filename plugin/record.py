"""The record of a line: what freight a stage holds, in one small file beside its manifests."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.pins.scalar import written
from plugin.record_files import SUFFIX, records_directory
from plugin.stage_policy import Write

if TYPE_CHECKING:
    from plugin.artifact import Artifact

# The newest format; a record is written in the oldest that can say it.
FORMAT = 4

_WAREHOUSE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_FREIGHT_ID = re.compile(r"[0-9a-f]{64}")
_HEADING = "# Written by Towline with each promotion; the pins of this stage are the truth.\n"
_APPLIED = "# Written by Towline with each promotion, and applied when this stage is rendered.\n"


@dataclass(frozen=True, slots=True)
class Record:
    """What a line of a stage holds, and the promotion that brought it.

    `repository` is GitHub's `owner/name`, `head` the promotion's branch, `previous` the freight
    that stood here before. `write` says where the versions are written: in pins, or in this record
    alone, which is then applied when the stage is rendered. `previous_disks`, newest first, are the
    versions whose disks stay in the manifests, so that going back imports nothing.
    """

    freight: Freight
    repository: str
    head: str
    previous: FreightId | None = None
    write: Write = Write.PINS
    previous_disks: tuple[Artifact, ...] = ()

    def __post_init__(self) -> None:
        _check_warehouse(self.freight.warehouse)
        if not _REPOSITORY.fullmatch(self.repository):
            raise Refusal(f"'{self.repository}' is not a GitHub repository: write owner/name")
        if not self.head or not all(char.isprintable() and char != " " for char in self.head):
            raise Refusal(f"{self.head!r} is not a branch")
        if self.previous is not None and not _FREIGHT_ID.fullmatch(self.previous):
            raise Refusal(f"'{self.previous}' is not a freight id: 64 hex digits")
        if len(set(self.previous_disks)) != len(self.previous_disks):
            raise Refusal("the same previous disk stands twice; name each version once")


def record_path(stage_dir: str, warehouse: str) -> str:
    """The record's path from the repository's root; `stage_dir` '' is the root itself."""
    _check_warehouse(warehouse)
    return posixpath.join(records_directory(stage_dir.strip("/")), f"{warehouse}{SUFFIX}")


def write_record(record: Record) -> str:
    """The record as text: one spelling per record, so that equal records are equal bytes.

    What an older format can say is said in it, so that an older Towline reads it, too.
    """
    freight = record.freight
    applied = record.write is not Write.PINS
    lines = [
        f"format: {_format_of(record)}",
        f"warehouse: {written(freight.warehouse)}",
        f"freight: {written(freight.id)}",
        f"alias: {written(freight.alias)}",
        *([f"towards: {written(freight.towards)}"] if freight.towards else ()),
        *([f"write: {written(record.write.value)}"] if applied else ()),
        "artifacts:",
        *_artifact_lines(freight.artifacts),
        *(["previousDisks:"] if record.previous_disks else ()),
        *_artifact_lines(record.previous_disks),
        "promotion:",
        f"  repository: {written(record.repository)}",
        f"  head: {written(record.head)}",
    ]
    if record.previous is not None:
        lines.append(f"previous: {written(record.previous)}")
    return (_APPLIED if applied else _HEADING) + "\n".join(lines) + "\n"


def _format_of(record: Record) -> int:
    if record.freight.towards is not None:
        return 4
    if not all(map(_is_plain_image, (*record.freight.artifacts, *record.previous_disks))):
        return 3
    return 1 if record.write is Write.PINS and not record.previous_disks else 2


def _is_plain_image(artifact: Artifact) -> bool:
    return isinstance(artifact, Image) and not artifact.repository.subscription


def _artifact_lines(artifacts: Iterable[Artifact]) -> Iterator[str]:
    for artifact in artifacts:
        for number, (key, value) in enumerate(_entry(artifact).items()):
            yield f"{'    ' if number else '  - '}{key}: {written(value)}"


def _entry(artifact: Artifact) -> Mapping[str, str]:
    if isinstance(artifact, Image) and not artifact.repository.subscription:
        image = str(artifact.repository)
        return {"image": image, "tag": artifact.tag, "digest": artifact.digest}
    from plugin.artifact.entries import entry_of  # loads all kinds, which a render seldom needs

    return entry_of(artifact)


def read_record(file: str, text: str) -> Record:
    """The record in `text`; raises Refusal with file, line and what to do.

    Strict: nothing unknown, nothing missing, and the id must be that of the artifacts, so that an
    edit by hand is seen.
    """
    try:
        record = _as_written(text)
    except Refusal:
        record = None
    if record is not None:
        return record
    from plugin.record_reader import read  # loads YAML, which a record as it was written spares

    return read(file, text)


def _as_written(text: str) -> Record | None:
    """The record whose text this is to the byte, as most are; None where a reader must look.

    Read without care, because what comes of it is written again and compared.
    """
    said: dict[str, str] = {}
    held: dict[str, list[str]] = {"artifacts": [], "previousDisks": []}
    part = ""
    for line in text.split("\n"):
        key, _, value = line.lstrip(" -").partition(": ")
        part = part if line.startswith(" ") else line.removesuffix(":")
        if part in held:
            held[part].append(_said(value))
        else:
            said[key] = _said(value)
    previous, towards = said.get("previous"), said.get("towards")
    aim = FreightId(towards) if towards else None
    record = Record(
        Freight(said.get("warehouse", ""), _artifacts_in(held["artifacts"]), aim),
        said.get("repository", ""),
        said.get("head", ""),
        FreightId(previous) if previous else None,
        Write.RECORD if said.get("write") else Write.PINS,
        _artifacts_in(held["previousDisks"]),
    )
    return record if write_record(record) == text else None


def _artifacts_in(values: list[str]) -> tuple[Artifact, ...]:
    """The images of a part: behind its name come repository, tag and digest of each."""
    images, tags, digests = (values[at::3] for at in (1, 2, 3))
    return tuple(
        Image(Repository.parse(image), tag, digest)
        for image, tag, digest in zip(images, tags, digests, strict=False)
    )


def _said(text: str) -> str:
    """A value that needs no reader; any other one would be written otherwise."""
    return text[1:-1] if text.startswith('"') else text


def _check_warehouse(name: str) -> None:
    if not _WAREHOUSE.fullmatch(name):
        raise Refusal(f"'{name[:120]}' is not a warehouse's name: letters, digits, '-', '_', '.'")
