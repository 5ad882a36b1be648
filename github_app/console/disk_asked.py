"""What `towline disk publish` is asked for: its words to a publication."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from github_app.publishing.image import CREATED, SHASUM
from github_app.publishing.publish import Checksum, Publication, Wanted
from plugin.artifact import Reference
from plugin.errors import Refusal

_ALIASES = {"x86_64": "amd64", "x64": "amd64", "aarch64": "arm64"}
# As Go and so OCI images call them: https://github.com/opencontainers/image-spec/blob/main/config.md
_ARCHITECTURES = ("amd64", "arm64", "s390x", "ppc64le", "riscv64")
_USUAL = "amd64"
_DIGITS = {"sha256": 64, "sha512": 128}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLE = "ghcr.io/acme/vm/debian:12-20250210"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says which disks become which image."""
    parser.add_argument(
        "words",
        nargs="+",
        metavar="[IMAGE] REPOSITORY:TAG",
        help="the disk image, qcow2 or raw, unless --arch names it; and where it goes",
    )
    parser.add_argument(
        "--arch",
        action="append",
        default=[],
        metavar="ARCH[=IMAGE]",
        help="the architecture of IMAGE, by default what its name says, else amd64; with =IMAGE, "
        "as often as there are architectures",
    )
    parser.add_argument(
        "--checksum",
        action="append",
        default=[],
        metavar="[ARCH=]ALGORITHM:DIGITS",
        help="what the disk image must hash to, sha256 or sha512 as its publisher says",
    )
    parser.add_argument("--source", metavar="URL", help="where the disk image comes from: a label")
    for option, what in (
        ("label", "a label of the image"),
        ("env", "a variable, such as CDI reads: INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE"),
    ):
        parser.add_argument(
            f"--{option}", action="append", default=[], metavar="NAME=VALUE", help=what
        )
    parser.add_argument(
        "--created",
        metavar="TIME",
        help="when the disk was made, as 2025-02-10T20:19:00Z; by default when its file was last "
        "written",
    )
    parser.add_argument(
        "--move-tag", action="store_true", help="let the tag go on to this disk from another one"
    )


def asked_of(options: argparse.Namespace) -> Publication:
    """Everything asked for; raises Refusal with what to write instead."""
    *images, reference = options.words
    place = _reference(reference)
    return Publication(
        place.repository,
        place.tag or "",
        tuple(_disks(images, options.arch, options.checksum)),
        options.source,
        _labels(options.label),
        _env(options.env),
        _created(options.created),
        options.move_tag,
    )


def _reference(text: str) -> Reference:
    try:
        place = Reference.parse(text)
    except Refusal as refusal:
        raise Refusal(f"{refusal}; say where the disk goes, for example {_EXAMPLE}") from None
    if place.tag is None or place.digest:
        raise Refusal(
            f"'{text}' is no place for a disk: write REPOSITORY:TAG, for example {_EXAMPLE}"
        )
    return place


def _disks(images: list[str], architectures: list[str], checksums: list[str]) -> Iterator[Wanted]:
    """The disk of each architecture, none twice."""
    paths = _paths(images, architectures)
    known = dict(_checksum(one, tuple(paths)) for one in checksums)
    if len(known) < len(checksums):
        raise Refusal("--checksum is said twice for one disk; say it once for each")
    for architecture, path in paths.items():
        yield Wanted(architecture, path, known.get(architecture))


def _paths(images: list[str], architectures: list[str]) -> dict[str, Path]:
    several = [one.partition("=") for one in architectures if "=" in one]
    match images, several:
        case [image], []:
            return {_only(image, architectures): Path(image)}
        case [], [_, *_] if len(several) == len(architectures):
            paths = {_architecture(name): Path(path) for name, _, path in several}
            if len(paths) == len(several):
                return paths
            raise Refusal("--arch names one architecture twice: an index has each once")
        case _:
            raise Refusal(
                "say one IMAGE with its REPOSITORY:TAG, or each image by --arch: for example "
                f"'--arch amd64=a.qcow2 --arch arm64=b.qcow2 {_EXAMPLE}'; options stand before or "
                "behind the two, not between them"
            )


def _only(image: str, architectures: list[str]) -> str:
    """The architecture of a single image: as said, as its name says, or the usual one."""
    if len(architectures) > 1:
        raise Refusal("--arch is said twice for one image; for several say --arch ARCH=IMAGE")
    if architectures:
        return _architecture(architectures[0])
    words = re.split(r"[^a-z0-9_]+", Path(image).name.lower())
    named = {_ALIASES.get(word, word) for word in words} & {*_ARCHITECTURES}
    return named.pop() if len(named) == 1 else _USUAL


def _architecture(text: str) -> str:
    name = _ALIASES.get(text.lower(), text.lower())
    if name not in _ARCHITECTURES:
        raise Refusal(f"--arch '{text}' is none that is known: {', '.join(_ARCHITECTURES)}")
    return name


def _checksum(text: str, architectures: tuple[str, ...]) -> tuple[str, Checksum]:
    """The architecture whose disk must have the checksum, and that."""
    name, equals, value = text.rpartition("=")
    if not equals and len(architectures) > 1:
        raise Refusal(
            f"--checksum '{text}' does not say of which disk: write {architectures[0]}={text}"
        )
    architecture = _architecture(name) if equals else architectures[0]
    if architecture not in architectures:
        raise Refusal(f"--checksum '{text}' is of no disk that is published: see --arch")
    algorithm, _, digits = value.lower().partition(":")
    if _DIGITS.get(algorithm) != len(digits) or not re.fullmatch("[0-9a-f]+", digits):
        raise Refusal(
            f"--checksum '{text}': write sha256: and 64 hexadecimal digits, or sha512: and 128"
        )
    return architecture, Checksum(algorithm, digits)


def _labels(said: Iterable[str]) -> dict[str, str]:
    labels = dict(_pairs("label", said))
    for name, option in ((SHASUM, "--checksum"), (CREATED, "--created")):
        if name in labels:
            raise Refusal(f"--label {name}=... is written by itself; {option} says it")
    return labels


def _env(said: Iterable[str]) -> tuple[str, ...]:
    pairs = dict(_pairs("env", said))
    for name in pairs:
        if not _NAME.fullmatch(name):
            raise Refusal(f"--env '{name}' is no name of a variable: letters, digits and '_'")
    return tuple(f"{name}={value}" for name, value in pairs.items())


def _pairs(option: str, said: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in said:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise Refusal(f"--{option} '{text}': write NAME=VALUE")
        yield name, value


def _created(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Refusal(f"--created '{text}': write a time with its zone, as 2025-02-10T20:19:00Z")
    return time
