"""Bumping every pin of real public files, against ruamel.yaml's round trip of the same files."""

from __future__ import annotations

import io
import re
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from bench.row import Row, at_most, medians, times_floor
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.pins import Bumped, Refused, bump, decode, pins_in

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "yaml-open.tar.gz"
_RUNS = 3
# Ruamel takes seconds for a megabyte: it gets every so many-th of the files, and so do we.
_SHARE = 12
_TAG = "0.98.7-towline"
_DIGEST = "sha256:" + "9d" * 32


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file with pins, and the artifacts that all of them are bumped to."""

    name: str
    text: str
    pins: int
    wanted: tuple[Image, ...]

    @property
    def bumped(self) -> str:
        """The file with every pin bumped; a figure of bumps that did not happen would be hollow."""
        answer = bump(self.name, self.text, self.wanted)
        if not isinstance(answer, Bumped) or len(answer.changes) != self.pins:
            raise Refusal(f"the bench cannot bump every pin of {self.name}: {answer}")
        return answer.text


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """Megabytes a second of both, and the bytes that our bumps change outside the pins."""
    if not CORPUS.exists():
        raise Refusal(f"{CORPUS} is missing: no figure of editing real files")
    files = tuple(pinned(CORPUS))
    sample = files[::_SHARE]
    size = sum(len(one.text.encode()) for one in sample) / 1e6
    ours, theirs = medians(
        lambda: [one.bumped for one in sample],
        lambda: [_round_trip(one.text) for one in sample],
        clock=time.perf_counter,
        runs=_RUNS,
    )
    yield times_floor(
        f"bump every pin of {len(sample)} real files, verified (floor: ruamel's load and dump)",
        size / ours,
        size / theirs,
        "MB/s",
        20,
    )
    pins = sum(one.pins for one in files)
    noise = sum(outside_pins(one.text, one.bumped) for one in files)
    yield at_most(f"bytes changed outside {pins} pins of {len(files)} files", noise, "bytes", 0)


def pinned(corpus: Path) -> Iterator[Pinned]:
    """The files of a corpus that hold a pin, in the order of the archive."""
    with tarfile.open(corpus) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            text = decode(member.name, stream.read()) if stream else ""
            if isinstance(text, Refused):
                continue
            pins = pins_in(member.name, text).pins
            names = dict.fromkeys(pin.subject for pin in pins)
            wanted = tuple(
                Image(one, _TAG, _DIGEST) for one in names if isinstance(one, Repository)
            )
            if pins:
                yield Pinned(member.name, text, len(pins), wanted)


def outside_pins(before: str, after: str) -> int:
    """How many bytes a bump changed that are no version; all of its changed lines if any is.

    Knows nothing of YAML: the new text is cut at the new version, and the pieces must follow each
    other in the old text with at most one word between two of them.
    """
    version = rf"(?:{re.escape(_TAG)}|{_DIGEST})"
    created = r"(?:[\s,]*\"?(?:newTag|digest)\"?:[ ]*)?"
    cut = re.compile(rf"{created}\"?(?::{re.escape(_TAG)}@{_DIGEST}|{version})\"?")
    gap = rf"{created}[^\s,}}]{{0,250}}"
    pattern = gap.join(re.escape(piece) for piece in cut.split(after))
    return 0 if re.fullmatch(pattern, before) else _changed_bytes(before, after)


def _changed_bytes(before: str, after: str) -> int:
    """The bytes of the lines that only one of two texts has."""
    differing = set(before.splitlines()) ^ set(after.splitlines())
    return sum(len(line.encode()) for line in differing)


def _round_trip(text: str) -> str:
    yaml, out = YAML(), io.StringIO()
    yaml.dump_all(yaml.load_all(text), out)
    return out.getvalue()
