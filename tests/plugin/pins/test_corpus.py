"""Real public files: a bump changes its pins and not one other byte, judged by other means."""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.artifact import Image, Repository
from plugin.pins import Bumped, Pin, Refused, UpToDate, bump, decode, pins_in
from tests.plugin.pins.texts import NEW, readings

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
TAG = "0.98.7-towline"
# The second reader is thirty times slower than the first, so it sees the smaller files of a third.
SHARE = 3
MAX_READ_TWICE = 6000


def files(archive: str) -> Iterator[tuple[str, bytes]]:
    path = DATA / archive
    if not path.exists():
        pytest.skip(f"{path} is missing: the corpus of real files is not checked")
    with tarfile.open(path) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is not None and not member.name.endswith(".tsv"):
                yield member.name, stream.read()


def with_pins() -> Iterator[tuple[str, str, tuple[Pin, ...]]]:
    for name, content in files("yaml-open.tar.gz"):
        text = decode(name, content)
        if not isinstance(text, Refused):
            found = pins_in(name, text).pins
            # Disks move with everything that names them; their own corpus test looks at that.
            pins = tuple(one for one in found if one.parts and isinstance(one.subject, Repository))
            if pins:
                yield name, text, pins


def in_sample(name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % SHARE == 0


def wanted(pins: tuple[Pin, ...]) -> list[Image]:
    subjects = dict.fromkeys(pin.subject for pin in pins)
    return [Image(one, TAG, NEW) for one in subjects if isinstance(one, Repository)]


def same_but_for_versions(before: str, after: str) -> bool:
    """Whether the old text is the new one with other words, or nothing, where the version stands.

    Knows nothing of YAML: the new text is cut at the new version, and the pieces must follow each
    other in the old text with at most one word between two of them.
    """
    version = rf"(?:{re.escape(TAG)}|{NEW})"
    created = r"(?:[\s,]*\"?(?:newTag|digest)\"?:[ ]*)?"
    # A key without a value gets a space behind its colon.
    cut = re.compile(rf"[ ]?{created}\"?(?::{re.escape(TAG)}@{NEW}|{version})\"?")
    gap = rf"[ ]?{created}[^\s,}}]{{0,250}}"
    pattern = gap.join(re.escape(piece) for piece in cut.split(after))
    return re.fullmatch(pattern, before) is not None


@pytest.mark.timeout(120)
def test_every_other_byte_of_real_files_stays() -> None:
    checked = bumps = 0
    for name, text, pins in with_pins():
        if in_sample(name):
            answer = bump(name, text, wanted(pins))
            assert isinstance(answer, Bumped), answer
            assert {change.pin for change in answer.changes} == set(pins), name
            assert same_but_for_versions(text, answer.text), name
            assert isinstance(bump(name, answer.text, wanted(pins)), UpToDate), name
            checked, bumps = checked + 1, bumps + len(pins)
    assert checked > 150
    assert bumps > 250


@pytest.mark.timeout(120)
def test_another_reader_sees_only_the_pins_change_and_sees_text() -> None:
    checked = 0
    for name, text, pins in with_pins():
        if in_sample(name) and len(text) < MAX_READ_TWICE:
            answer = bump(name, text, wanted(pins))
            assert isinstance(answer, Bumped), answer
            said = {one for pin in pins for one in (pin.value.strip("\"'"), pin.tag, pin.digest)}
            assert without(answer.text, said) == without(text, said), name
            checked += 1
    assert checked > 80


def without(text: str, said: set[str | None]) -> list[tuple[object, ...]]:
    """Ruamel's events but for the pins', which must be text under YAML 1.1 and 1.2."""
    kept = []
    for event in readings(text):
        value = str(event[2]) if len(event) > 2 else None
        if value is not None and (TAG in value or NEW in value):
            assert str(event[3]).count("str") in (1, 2), event
            assert "int" not in str(event[3])
        elif value is None or value not in {*said, "newTag", "digest", ""}:
            kept.append(event)
    return kept


def test_templates_that_are_not_yaml_are_refused_and_never_changed() -> None:
    refused = 0
    for name, content in files("yaml-templates.tar.gz"):
        text = decode(name, content)
        if isinstance(text, Refused) or pins_in(name, text).refused:
            refused += 1
    assert refused > 200
