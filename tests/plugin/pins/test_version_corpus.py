"""Charts and revisions in real public files: a bump moves them and not one other byte."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from plugin.artifact import Chart, ChartName, GitRepository, Revision, Wanted
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, Kind, Pin, UpToDate
from plugin.pins.tree import decode
from tests.plugin.pins.corpus import files

KINDS = (Kind.CHART, Kind.CHART_DEPENDENCY, Kind.ARGOCD_REVISION, Kind.REMOTE_BASE)
NEW = "97.98.99-towline"
WORDS = re.compile("version|[rR]evision|tag:|ref=|/download/|githubusercontent")


def with_pins() -> Iterator[tuple[str, str, list[Pin]]]:
    for archive in ("yaml-open.tar.gz", "vm-corpus.tar.gz"):
        for name, content in files(archive):
            text = decode(name, content)
            if not isinstance(text, Refused) and WORDS.search(text):
                pins = [one for one in pins_in(name, text).pins if one.kind in KINDS]
                if pins:
                    yield name, text, pins


def at(pin: Pin, tag: str) -> Wanted:
    if isinstance(pin.subject, ChartName):
        return Chart(pin.subject, tag)
    assert isinstance(pin.subject, GitRepository)
    return Revision(pin.subject, tag)


def moved(pins: list[Pin]) -> list[Wanted]:
    return [at(pin, NEW) for pin in {pin.subject: pin for pin in pins}.values()]


def differs_in_one_word(old: str, new: str) -> bool:
    before, _, after = new.partition(NEW)
    rest = old.removeprefix(before).removesuffix(after)
    return (
        old.startswith(before)
        and old.endswith(after)
        and re.fullmatch(r"[\w.+-]+", rest) is not None
    )


@pytest.mark.timeout(120)
def test_every_other_byte_of_real_files_stays() -> None:
    checked: Counter[Kind | str] = Counter()
    for name, text, pins in with_pins():
        answer = bump(name, text, moved(pins))
        if isinstance(answer, Refused) and not answer.text:
            # Something else in the file may be anything, so nothing in it moves.
            checked["whole file"] += 1
            continue
        assert isinstance(answer, Bumped), answer
        assert [change.pin for change in answer.changes] == pins
        lines = list(zip(text.split("\n"), answer.text.split("\n"), strict=True))
        changed = [number for number, (old, new) in enumerate(lines, 1) if old != new]
        assert changed == sorted({pin.line for pin in pins}), name
        assert all(differs_in_one_word(*lines[number - 1]) for number in changed), name
        assert isinstance(bump(name, answer.text, moved(pins)), UpToDate), name
        restored(name, text, answer.text, pins)
        checked.update(pin.kind for pin in pins)
    assert checked["whole file"] <= 1
    assert all(checked[kind] >= least for kind, least in zip(KINDS, (200, 120, 9, 55), strict=True))


def restored(name: str, before: str, after: str, pins: list[Pin]) -> None:
    """The way back, for what stood at one version in the whole file."""
    tags: dict[object, set[str | None]] = {}
    for pin in pins:
        tags.setdefault(pin.subject, set()).add(pin.tag)
    back = [at(pin, pin.tag) for pin in pins if pin.tag and len(tags[pin.subject]) == 1]
    if {one.subject for one in back} == set(tags):
        answer = bump(name, after, back)
        assert isinstance(answer, Bumped)
        assert answer.text == before, name
