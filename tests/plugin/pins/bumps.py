"""Bumps of charts and Git revisions for tests: what is asked for, and which lines it changes."""

from __future__ import annotations

from plugin.artifact import Chart, ChartName, GitRepository, Revision, Wanted
from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import Bumped, UpToDate


def chart(text: str) -> Chart:
    """`https://charts.acme.io/web 1.2.3` as a version."""
    name, _, version = text.rpartition(" ")
    return Chart(ChartName.parse(name), version)


def revision(text: str) -> Revision:
    """`acme/web v1.2.3` as a version."""
    name, _, tag = text.rpartition(" ")
    return Revision(GitRepository.parse(name), tag)


def new_lines(file: str, text: str, wanted: Wanted) -> list[str]:
    """The lines that a bump changes, as they are then; a second bump must have nothing to do."""
    answer = bump(file, text, [wanted])
    if isinstance(answer, UpToDate):
        return []
    assert isinstance(answer, Bumped), answer
    assert isinstance(bump(file, answer.text, [wanted]), UpToDate)
    before, after = text.splitlines(), answer.text.splitlines()
    assert len(before) == len(after)
    return [new for old, new in zip(before, after, strict=True) if old != new]


def blocked(file: str, text: str, wanted: Wanted) -> str:
    """Why a bump is refused."""
    answer = bump(file, text, [wanted])
    assert isinstance(answer, Refused), answer
    return str(answer)


def found(file: str, text: str) -> list[str]:
    """The pins of a text, as `kind subject tag`."""
    return [f"{one.kind.value} {one.subject} {one.tag}" for one in pins_in(file, text).pins]


def reasons(file: str, text: str) -> list[str]:
    """Why look-alikes were not taken."""
    return [one.reason for one in pins_in(file, text).refused]
