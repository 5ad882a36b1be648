"""Four times as long a file takes four times the work, whatever it is full of."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from types import FrameType

import pytest

from plugin.artifact import GitRepository, Image, MachineVersion, Repository, Revision, Wanted
from plugin.artifact.machine import Machine
from plugin.bumping import bumps
from plugin.pins.find import found_in
from plugin.pins.nodes import Tree
from plugin.pins.sources import Sources
from plugin.pins.tree import MAX_TEXTS, read
from plugin.stage_files import pins_that_count
from tests.plugin.pins.long_files import DIGEST, LONG_FILES, LongFile

_FEW, _TIMES = 64, 4
# A little more than the work of what is four times as long: tables grow in steps.
_WORK = 5
# Work inside the interpreter's own functions shows in time alone; what is compared with all that
# stands before it would take sixteen times as long.
_TIME = 9
WEB = Repository.parse("acme/web")
WANTED: list[Wanted] = [
    Image(WEB, "v9.9.9", DIGEST),
    Revision(GitRepository.parse("https://github.com/acme/web"), "v9.9.9"),
    MachineVersion(Machine("talos"), "v1.3.0"),
]
# Their disks are moved by rules of their own.
FOUND_ALONE = {"disks", "disks and their sources"}
# Their pins are found by who copies them, in all files together.
COPIED = [LONG_FILES["replacements"], LONG_FILES["replacements of each other"]]
LINES = [
    "a long patch",
    "a text",
    "a text that is no yaml",
    "values in a text",
    "markers alone",
    "markers behind carriage returns",
    "markers in a text",
    "overrides that are no lists",
]


def calls(work: Callable[[], object]) -> int:
    """How many functions `work` calls; every step of a generator is a call."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def seconds(work: Callable[[], object]) -> float:
    """The processor time of `work`, the least of three, without looking for dead cycles."""
    times = []
    gc.disable()
    try:
        for _ in range(3):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(times)


def find(long: LongFile, count: int) -> Callable[[], object]:
    tree = read(long.file, long.text(count))
    assert isinstance(tree, Tree), tree
    found = found_in(long.file, tree)
    assert len(found.pins) + len(found.refused) >= (0 if long in COPIED else 1)
    return lambda: found_in(long.file, tree)


@pytest.mark.parametrize("name", LONG_FILES)
def test_finding_is_linear(name: str) -> None:
    few, many = (calls(find(LONG_FILES[name], _FEW * one)) for one in (1, _TIMES))
    assert many <= _WORK * few


@pytest.mark.parametrize("name", [one for one in LONG_FILES if one not in FOUND_ALONE])
def test_bumping_is_linear(name: str) -> None:
    long = LONG_FILES[name]
    few, many = (Sources({long.file: long.text(_FEW * one)}) for one in (1, _TIMES))
    assert calls(lambda: bumps(many, WANTED)) <= _WORK * calls(lambda: bumps(few, WANTED))


@pytest.mark.parametrize("name", LONG_FILES)
def test_judging_a_stage_is_linear(name: str) -> None:
    long = LONG_FILES[name]
    base = {"stage/web.yaml": LONG_FILES["containers"]}
    few, many = (
        Sources({file: one.text(_FEW * times) for file, one in {**base, long.file: long}.items()})
        for times in (1, _TIMES)
    )
    work = calls(lambda: pins_that_count("stage", (WEB,), few))
    assert calls(lambda: pins_that_count("stage", (WEB,), many)) <= _WORK * work


@pytest.mark.parametrize("name", LINES)
def test_lines_are_counted_once(name: str) -> None:
    few, many = (seconds(find(LONG_FILES[name], 1000 * one)) for one in (1, _TIMES))
    assert many <= _TIME * few


@pytest.mark.parametrize("name", ["texts", "values in texts", "patches"])
def test_too_many_texts_are_refused_and_not_read(name: str) -> None:
    long = LONG_FILES[name]
    tree = read(long.file, long.text(MAX_TEXTS + 1))
    assert isinstance(tree, Tree)
    reasons = {one.reason for one in found_in(long.file, tree).refused}
    assert reasons == {"holds more than 5000 texts that may name images; split the file"}
