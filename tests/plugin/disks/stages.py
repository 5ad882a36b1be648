"""Stages on disk for the tests of disks: what is wanted, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plugin.artifact import DiskFamily, DiskImage, Image, Repository
from plugin.bumping import Bumps, bumps
from plugin.disks.policy import Consent, Terms
from plugin.pins.sources import Sources

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "disks"
OLD = "sha256:0d1e2f3a4b5c" + "3" * 52
NEW = "sha256:4f3c0a9b1d2e" + "7" * 52
FEDORA = Repository.parse("harbor.lan/vm/fedora")


def fedora(digest: str = NEW, tag: str = "43-1.6") -> Image:
    return Image(FEDORA, tag, digest)


@dataclass(frozen=True)
class Asked:
    """The versions and terms that a golden case's `wanted.txt` names, one a line."""

    wanted: tuple[Image | DiskImage, ...]
    terms: Terms


def asked(case: Path) -> Asked:
    wanted: list[Image | DiskImage] = []
    consents: set[Consent] = set()
    keep = 1
    for line in (case / "wanted.txt").read_text().splitlines():
        match line.split():
            case ["image", name, tag, digest]:
                wanted.append(Image(Repository.parse(name), tag, digest))
            case ["disk", family, tag, address, checksum]:
                wanted.append(DiskImage(DiskFamily.parse(family), tag, address, checksum))
            case ["consent", vm, disk, version]:
                consents.add(Consent(vm, disk, version))
            case ["keep", number]:
                keep = int(number)
            case words:
                raise AssertionError(words)
    return Asked(tuple(wanted), Terms(keep, frozenset(consents)))


def texts(directory: Path) -> dict[str, str]:
    files = directory.iterdir() if directory.is_dir() else ()
    return {one.name: one.read_bytes().decode() for one in files}


def bumped(files: dict[str, str], *wanted: Image | DiskImage, terms: Terms | None = None) -> Bumps:
    return bumps(Sources(files), wanted or (fedora(),), terms=terms or Terms())


def said(done: Bumps) -> str:
    """Everything a person is told, one a line."""
    notes = [f"  {note}" for one in done.disks for note in one.remarks]
    lines = [*map(str, done.changes), *map(str, done.disks), *notes]
    return "".join(f"{one}\n" for one in (*lines, *(f"refused: {one}" for one in done.refused)))
