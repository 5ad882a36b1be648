"""Real public files: a bump changes its pins and not one other byte, judged by other means.

Every pin of every file is moved alone and with its kin. Where a file has many pins and is large,
a part of them that their hash chooses is moved alone; `make soak` takes all.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import settings

from plugin.artifact import ChartName, DiskFamily, DiskImage, Image, Repository, Untied, Wanted
from plugin.bumping import Bumps, bumps
from plugin.disks.policy import USUAL, Consent, Terms
from plugin.pins.edit import bump, edited
from plugin.pins.find import found_in, pins_in
from plugin.pins.nodes import Refused, Tree
from plugin.pins.pin import Bumped, Change, Found, Kind, Pin, Present, UpToDate
from plugin.pins.sources import Sources
from plugin.pins.tree import decode, read
from tests.plugin.addresses import another
from tests.plugin.pins.corpus import dressed, files, one_in, texts
from tests.plugin.pins.moving import DIGEST, TAG, away, home, subject, words
from tests.plugin.pins.witness import changed_lines, other_parse

# Characters to read for the pins of one file; 36 manifests with up to 73 pins would need 100 MB.
BUDGET = 250_000
# The second reader takes a minute for what the first reads in two seconds.
SHARE = 3
MAX_READ_TWICE = 8_000
# Tags that YAML takes for numbers come back as what they were meant to be.
RETYPED = re.compile(r"[0-9][0-9._]*")


@functools.cache
def pinned() -> tuple[tuple[str, str, Found], ...]:
    """The files with pins; the others were looked at, too."""
    found = ((name, text, pins_in(name, text)) for name, text in texts())
    return tuple(one for one in found if one[2].pins)


def in_soak() -> bool:
    return settings().max_examples > 1000


def alone(text: str, found: Found) -> Iterator[int]:
    """The numbers of the pins to move alone."""
    share = 1 if in_soak() else 1 + len(text) * len(found.pins) // BUDGET
    for number, pin in enumerate(found.pins):
        if pin.parts and one_in(share, f"{pin}{number}"):
            yield number


@pytest.mark.timeout(300)
def test_each_pin_moves_alone_and_comes_back() -> None:
    seen: Counter[str] = Counter()
    for name, text, found in pinned():
        _each_alone(name, text, found, seen)
    print(f"\n{dict(seen)}")
    assert seen["moved"] > 2000
    assert seen["comes back in quotes"] < 10


@pytest.mark.hypothesis
@pytest.mark.timeout(1200)
def test_each_pin_of_large_files_moves_alone() -> None:
    if not in_soak():
        pytest.skip("two minutes: 'make soak' moves every pin of the large files alone")
    test_each_pin_moves_alone_and_comes_back()


def _each_alone(name: str, text: str, found: Found, seen: Counter[str]) -> None:
    tree = read(name, text)
    assert isinstance(tree, Tree)
    for number in alone(text, found):
        pin = found.pins[number]
        wanted = away([pin])
        moved = edited(name, text, tree, (Change(pin, wanted),))
        assert isinstance(moved, Bumped), moved
        _only_the_pins_lines(text, moved.text, [pin], wanted)
        after = read(name, moved.text)
        assert isinstance(after, Tree)
        pins = found_in(name, after).pins
        assert _differing(found.pins, pins) == [number], pin
        seen["moved"] += 1
        back = home(pin)
        if back is not None:
            restored = edited(name, moved.text, after, (Change(pins[number], back),))
            assert isinstance(restored, Bumped), restored
            seen[_restored(text, restored.text, [pin])] += 1


def _differing(before: Sequence[Pin], after: Sequence[Pin]) -> list[int]:
    """The numbers of the pins that say something else; the same pins are found again."""
    both = list(zip(before, after, strict=True))
    assert all((one.kind, one.subject) == (two.kind, two.subject) for one, two in both)
    return [
        number
        for number, (one, two) in enumerate(both)
        if (one.tag, one.digest) != (two.tag, two.digest)
    ]


def _only_the_pins_lines(before: str, after: str, pins: Sequence[Pin], wanted: Wanted) -> None:
    changed = changed_lines(before, after, _said(pins), words(wanted.tag, wanted.digest))
    assert isinstance(changed, list), (pins[0], changed)
    assert set(changed) <= {line for pin in pins for line in _lines(pin)}, pins[0]


def _said(pins: Sequence[Pin]) -> list[str]:
    said = {word for pin in pins for word in (*words(pin.tag, pin.digest), pin.value.strip("\"'"))}
    return sorted(said - {""}, key=len, reverse=True)


def _lines(pin: Pin) -> Iterator[int]:
    """Where the pin's scalars stand; the text of a block begins a line below."""
    for part in pin.parts:
        if isinstance(part.slot, Present):
            yield part.slot.scalar.line + (part.slot.scalar.style in ("|", ">"))


def _restored(before: str, after: str, pins: Sequence[Pin]) -> str:
    """How the way back ended: nearly always with every byte as it was."""
    if before == after:
        return "comes back"
    assert all(RETYPED.fullmatch(pin.value) for pin in pins), pins[0]
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    changed = [(one, two) for one, two in lines if one != two]
    assert len(changed) == len(pins)
    assert all(one == two.replace('"', "") for one, two in changed), changed
    return "comes back in quotes"


@pytest.mark.timeout(300)
def test_all_pins_of_a_subject_move_and_no_others() -> None:
    seen: Counter[str] = Counter()
    blocked: Counter[str] = Counter()
    for name, text, _ in pinned():
        _each_subject(name, text, seen, blocked)
        if one_in(10, name):
            for how, other in dressed(text):
                seen[how] += _each_subject(name, other, seen, blocked)
    print(f"\n{dict(seen)}\n{dict(blocked)}")
    assert seen["subjects"] > 2000
    assert min(seen[how] for how, _ in dressed("")) > 50
    # What a look-alike blocks, or versions too far apart, must be looked at.
    assert not blocked


def _each_subject(name: str, text: str, seen: Counter[str], blocked: Counter[str]) -> int:
    """Moves the pins of each subject with one bump; of large files, those of one subject."""
    pins = [one for one in pins_in(name, text).pins if one.parts]
    subjects = list(dict.fromkeys(subject(one) for one in pins))
    if len(text) * len(subjects) > BUDGET and not in_soak():
        subjects = subjects[:2]
    moved = 0
    for one in subjects:
        kin = [pin for pin in pins if _includes(one, pin)]
        wanted = away(kin)
        answer = bump(name, text, [wanted])
        if isinstance(answer, Refused):
            blocked[answer.reason] += 1
            continue
        assert isinstance(answer, Bumped), (name, one)
        assert {change.pin for change in answer.changes} == set(kin), (name, one)
        _only_the_pins_lines(text, answer.text, kin, wanted)
        assert isinstance(bump(name, answer.text, [wanted]), UpToDate), (name, one)
        seen["subjects"] += 1
        moved += 1
        _all_home(name, text, answer.text, kin, seen)
    return moved


def _includes(wanted: object, pin: Pin) -> bool:
    if isinstance(wanted, ChartName) and not wanted.repository:
        return isinstance(pin.subject, ChartName) and pin.subject.name == wanted.name
    return pin.subject == wanted


def _all_home(name: str, before: str, moved: str, kin: Sequence[Pin], seen: Counter[str]) -> None:
    """Back to the one version that all of them had, where they had one."""
    versions = {home(pin) for pin in kin}
    back = versions.pop()
    if versions or back is None or any(pin.digest != back.digest for pin in kin):
        return
    answer = bump(name, moved, [back])
    assert isinstance(answer, Bumped), answer
    seen[_restored(before, answer.text, kin)] += 1


def test_a_digest_that_was_added_goes_again() -> None:
    checked = 0
    for name, text, found in pinned():
        for pin in found.pins:
            kin = [one for one in found.pins if one.subject == pin.subject]
            fits = pin.kind is Kind.IMAGE and pin.tag and not pin.digest and len(kin) == 1
            if fits and one_in(3, f"{pin}") and isinstance(pin.subject, Repository):
                moved = bump(name, text, [Image(pin.subject, TAG, DIGEST)])
                assert isinstance(moved, Bumped), moved
                back = bump(name, moved.text, [Untied(pin.subject, str(pin.tag))])
                assert isinstance(back, Bumped), back
                assert back.text == text, pin
                checked += 1
    assert checked > 50


@pytest.mark.timeout(300)
def test_another_parser_sees_only_the_pins_change() -> None:
    checked = pins = 0
    for name, text, found in pinned():
        if one_in(SHARE, name) and len(text) < MAX_READ_TWICE:
            movable = [one for one in found.pins if one.parts]
            kinds = {subject(one): one for one in movable}
            wanted = [away([pin for pin in movable if pin.subject == one]) for one in kinds]
            answer = bump(name, text, wanted)
            if isinstance(answer, Bumped):
                new = [word for one in wanted for word in words(one.tag, one.digest)]
                problem = other_parse(text, answer.text, _said(movable), new)
                assert problem is None, (name, problem)
                checked, pins = checked + 1, pins + len(movable)
    print(f"\n{checked} files with {pins} pins read by ruamel.yaml's own parser")
    assert checked > 250


def test_real_disks_move_whole_or_not_at_all() -> None:
    seen: Counter[str] = Counter()
    for name, text, found in pinned():
        for pin in found.pins:
            if not pin.parts:
                seen[_disk(name, text, pin)] += 1
    assert seen == {"moved": 4, "nothing uses it": 13}


def _disk(name: str, text: str, pin: Pin) -> str:
    """Without consent nothing is lost; with it all places of the disk move, and only they."""
    wanted = _disk_image(pin)
    blocked = _bumps(name, text, wanted)
    assert not blocked.files
    found = re.search(r"vm (\S+) .*?to disk (\S+) since (\S+) ", str(blocked.refused[0]))
    if found is None:
        assert "nothing in this stage uses disk" in str(blocked.refused[0])
        return "nothing uses it"
    vm, disk, volume = found.groups()
    terms = Terms(consents=frozenset({Consent(vm, disk, DIGEST)}))
    after = _bumps(name, text, wanted, terms).files[name]
    both = list(zip(text.splitlines(), after.splitlines(), strict=True))
    changed = [(one, two) for one, two in both if one != two]
    renamed = [two for one, two in changed if two.endswith(f"{volume}-{DIGEST[7:19]}")]
    assert (len(changed), len(renamed)) == (3, 2)
    assert not _bumps(name, after, wanted, terms).files
    return "moved"


def _bumps(name: str, text: str, wanted: Wanted, terms: Terms = USUAL) -> Bumps:
    return bumps(Sources({name: text}), [wanted], terms=terms)


def _disk_image(pin: Pin) -> Wanted:
    if isinstance(pin.subject, Repository):
        return Image(pin.subject, TAG, DIGEST)
    assert isinstance(pin.subject, DiskFamily)
    return DiskImage(pin.subject, "987", another(pin.subject), DIGEST)


def test_templates_that_are_not_yaml_are_refused_and_never_changed() -> None:
    refused = 0
    for name, content in files("yaml-templates.tar.gz"):
        text = decode(name, content)
        if isinstance(text, Refused) or pins_in(name, text).refused:
            refused += 1
    assert refused > 200
