"""Disk images made into one container disk and pushed, if it is not there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from github_app.publishing.disk_file import DiskFile, Format, disk_file
from github_app.publishing.image import (
    SHASUM,
    SOURCE,
    TITLE,
    VERSION,
    ContainerDisk,
    Said,
    container_disk,
    timestamp,
)
from github_app.publishing.layer import Examined, examined, layer_of
from github_app.publishing.progress import Progress, size
from github_app.publishing.published import Published
from github_app.publishing.uploads import Pushed
from plugin.artifact import Image, Repository
from plugin.errors import Refusal

_USUAL = "sha256"


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a publisher says a file hashes to: `sha256` or `sha512`, and hexadecimal digits."""

    algorithm: str
    digits: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digits}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A disk image to publish for one architecture, and the checksum that it must have."""

    architecture: str
    path: Path
    checksum: Checksum | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """The disks to publish behind one tag, and what their image says of itself.

    `created` is when the disks were made, if that is known; `move_tag` allows that the tag holds
    something else already.
    """

    repository: Repository
    tag: str
    disks: tuple[Wanted, ...]
    source: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    env: tuple[str, ...] = ()
    created: datetime | None = None
    move_tag: bool = False

    @property
    def name(self) -> str:
        """Repository and tag."""
        return f"{self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stands behind the tag now: its digest, and each architecture's own with its disk.

    `pushed` is None where everything was there already.
    """

    image: Image
    manifests: Mapping[str, str]
    disks: Mapping[str, DiskFile]
    checksums: Mapping[str, Checksum]
    pushed: Pushed | None


class Way(Protocol):
    """How images come to their registry; both verbs raise Refusal and Temporary."""

    def published(self, tag: str) -> Published | None:
        """What stands behind the tag now."""

    def push(self, disks: Sequence[ContainerDisk], tag: str, before: Published | None) -> Pushed:
        """The images behind the tag, where `before` stands now; other tags stay as they are."""


def publish(asked: Publication, way: Way, progress: Progress) -> Outcome:
    """Check the disks, make the image, and push it. Raises Refusal and Temporary.

    Nothing is pushed before every file has been found to be a disk with the checksum that was
    asked for, and nothing at all if the tag holds the very same image or another one that may not
    be moved. An image that differs in nothing but when its disk was made is the same one.
    """
    files = {one.architecture: disk_file(one.path) for one in asked.disks}
    for file in files.values():
        _advise(file, progress)
    there = way.published(asked.tag)
    read = {one.architecture: _read(one, files[one.architecture], progress) for one in asked.disks}
    checksums = {one.architecture: _checksum(one, read[one.architecture]) for one in asked.disks}

    def made(created: datetime) -> tuple[ContainerDisk, ...]:
        return tuple(_made(asked, one, read[one], checksums[one], created) for one in sorted(read))

    usual = asked.created or max(file.changed for file in files.values())
    if there is not None:
        disks = made(asked.created or there.created or usual)
        if {one.config.digest for one in disks} == set(there.manifests):
            manifests = {one.architecture: there.manifests[one.config.digest] for one in disks}
            image = Image(asked.repository, asked.tag, there.digest)
            return Outcome(image, manifests, files, checksums, None)
        if not asked.move_tag:
            raise _taken(asked, there)
    disks = made(usual)
    pushed = way.push(disks, asked.tag, there)
    image = Image(asked.repository, asked.tag, pushed.digest)
    return Outcome(image, pushed.manifests, files, checksums, pushed)


def _advise(file: DiskFile, progress: Progress) -> None:
    """Say so where a raw file is mostly holes, which would be sent as zeros."""
    if file.format is Format.RAW and file.stored < file.size // 2:
        progress.say(
            f"note: {file.path} is raw: {size(file.size)} are pushed, of which "
            f"{size(file.stored)} are in use; 'qemu-img convert -c -O qcow2' leaves the rest out"
        )


def _read(wanted: Wanted, file: DiskFile, progress: Progress) -> Examined:
    """The file's digests, the checksum asked for among them."""
    algorithm = wanted.checksum.algorithm if wanted.checksum else _USUAL
    progress.begin(f"reading {file.path.name}", file.size)
    found = examined(layer_of(file), (algorithm,), progress.advance)
    progress.end(f"{algorithm}:{found.checksums[algorithm]}")
    return found


def _checksum(wanted: Wanted, read: Examined) -> Checksum:
    """The file's own checksum; raises Refusal if another one was asked for."""
    ((algorithm, digits),) = read.checksums.items()
    found = Checksum(algorithm, digits)
    if wanted.checksum not in {None, found}:
        raise Refusal(
            f"{wanted.path} is not the disk that --checksum names: it is {found}, not "
            f"{wanted.checksum}. Nothing was pushed; get the file again, from where its checksum "
            "comes from"
        )
    return found


def _made(
    asked: Publication,
    architecture: str,
    read: Examined,
    checksum: Checksum,
    created: datetime,
) -> ContainerDisk:
    labels = {TITLE: read.layer.disk.path.name, VERSION: asked.tag}
    if asked.source:
        labels[SOURCE] = asked.source
    labels |= {**asked.labels, SHASUM: checksum.digits}
    return container_disk(architecture, read.blob(), Said(created, labels, asked.env))


def _taken(asked: Publication, there: Published) -> Refusal:
    made = f", made {timestamp(there.created)}" if there.created else ""
    return Refusal(
        f"{asked.name} holds something else already: {there.digest}{made}. Publish under a tag of "
        "its own, because machines that name this one would change without a word; or say "
        "--move-tag. Nothing was pushed"
    )
