"""Bumping the pins of real public files, against ruamel.yaml's round trip of the same files."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from bench.row import Row, at_most, medians, shown, times_floor
from plugin.artifact import (
    Chart,
    ChartName,
    GitRepository,
    Image,
    Repository,
    Revision,
    Subject,
    Wanted,
)
from plugin.errors import Refusal
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Named
from plugin.pins.tree import decode

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "yaml-open.tar.gz"
_RUNS = 3
# Ruamel takes seconds for a megabyte: it gets every so many-th of the files, and so do we.
_SHARE = 12
_TAG = "0.98.7-towline"
_DIGEST = "sha256:" + "9d" * 32


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file with pins, and the versions that all of them are bumped to."""

    name: str
    text: str
    pins: int
    wanted: tuple[Wanted, ...]

    @property
    def bumped(self) -> str:
        """The file with every pin bumped; a figure of bumps that did not happen would be hollow."""
        answer = bump(self.name, self.text, self.wanted)
        if not isinstance(answer, Bumped) or len(answer.changes) != self.pins:
            raise Refusal(f"the bench cannot bump every pin of {self.name}: {answer}")
        return answer.text

    @property
    def is_blocked(self) -> bool:
        """Whether something that looks like one of the pins has to be settled by a person."""
        return isinstance(bump(self.name, self.text, self.wanted), Refused)


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """What bumping and finding cost beside ruamel and beside reading, and bytes beside the pins."""
    if not CORPUS.exists():
        raise Refusal(f"{CORPUS} is missing: no figure of editing real files")
    every = tuple(pinned(CORPUS))
    files = tuple(one for one in every if not one.is_blocked)
    sample = [one for one in files if _in_sample(one.name)]
    size = sum(len(one.text.encode()) for one in sample) / 1e6
    places = [_saved(one, work / f"{number}.yaml") for number, one in enumerate(sample)]
    ours, theirs, found, read = medians(
        lambda: [one.bumped for one in sample],
        lambda: [_round_trip(one.text) for one in sample],
        lambda: [pins_in(one.name, one.text) for one in sample],
        lambda: [one.read_bytes().decode() for one in places],
        clock=time.perf_counter,
        runs=_RUNS,
    )
    name = f"bump every pin of {len(sample)} real files, verified"
    yield times_floor(
        f"{name} (floor: ruamel's load and dump)", size / ours, size / theirs, "MB/s", 20
    )
    yield shown("  the same in files", len(sample) / ours, "files/s", len(sample) / theirs)
    yield shown("  finding the pins alone", size / found, "MB/s", size / theirs)
    yield shown("  reading the files alone", size / read, "MB/s", size / theirs)
    pins = sum(one.pins for one in files)
    noise = sum(outside_pins(one.text, one.bumped) for one in files)
    yield at_most(f"bytes changed outside {pins} pins of {len(files)} files", noise, "bytes", 0)
    yield at_most(
        "  files with a look-alike that blocks a pin", len(every) - len(files), "files", 5
    )


def _in_sample(name: str) -> bool:
    """Whether a file belongs to the part that its name's hash chooses, whatever else is found."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % _SHARE == 0


def pinned(corpus: Path) -> Iterator[Pinned]:
    """The files of a corpus that hold a pin of an image, chart or Git revision, in its order."""
    with tarfile.open(corpus) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            text = decode(member.name, stream.read()) if stream else ""
            if isinstance(text, Refused):
                continue
            pins = [one for one in pins_in(member.name, text).pins if one.parts]
            wanted = dict.fromkeys(one for pin in pins for one in _wanted(pin.subject))
            count = sum(1 for pin in pins if any(_wanted(pin.subject)))
            if count:
                yield Pinned(member.name, text, count, tuple(wanted))


def _wanted(subject: Subject | Named) -> Iterator[Wanted]:
    """A new version; machines go one minor at a time, so no one version is new to all of them."""
    match subject:
        case Repository():
            yield Image(subject, _TAG, _DIGEST)
        case ChartName():
            yield Chart(subject, _TAG)
        case GitRepository():
            yield Revision(subject, f"v{_TAG}")
        case _:
            return


def _saved(one: Pinned, path: Path) -> Path:
    path.write_bytes(one.text.encode())
    return path


def outside_pins(before: str, after: str) -> int:
    """How many bytes a bump changed that are no version; all of its changed lines if any is.

    Knows nothing of YAML: the new text is cut at the new version, and the pieces must follow each
    other in the old text with at most one word between two of them.
    """
    version = rf"(?:v?{re.escape(_TAG)}|(?:sha256:)?{_DIGEST[7:]})"
    created = r"(?:[\s,]*\"?(?:newTag|digest)\"?:[ ]*)?"
    # A key without a value gets a space behind its colon.
    cut = re.compile(rf"[ ]?{created}\"?(?::{re.escape(_TAG)}@{_DIGEST}|{version})\"?")
    gap = rf"[ ]?{created}[^\s,}}]{{0,250}}"
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
