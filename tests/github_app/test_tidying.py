"""What is tidied, in which order and how often, and what happens where it fails."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from github_app.rounds import Place
from github_app.tidying import Tidying
from plugin.errors import Refusal, Temporary

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
A_LITTLE = timedelta(seconds=1)
ONE, TWO = Place(7, "acme/one", 1, "main"), Place(7, "acme/two", 2, "main")
NEVER = timedelta(0)


@dataclass
class Disk:
    """What is held on disk: notes what is tidied, and fails where it is told to."""

    tidied: list[str] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    tidying: Tidying = field(init=False)

    def __post_init__(self) -> None:
        self.tidying = Tidying(lambda place: self._tidy(place.repository), self._tidy_shared)

    def _tidy_shared(self) -> None:
        self._tidy("shared")

    def _tidy(self, name: str) -> None:
        self.tidied.append(name)
        if name in self.failing:
            raise self.failing[name]

    def after(self, passed: timedelta, places: Iterable[Place] = (ONE, TWO)) -> list[str]:
        """What is tidied when nothing else is to be done, so long after the start."""
        self.tidied.clear()
        before = -1
        while len(self.tidied) > before:
            before = len(self.tidied)
            self.tidying.one(places, START + passed)
        return self.tidied


@pytest.fixture
def disk() -> Disk:
    """A disk on which both repositories and what they share have just been seen."""
    made = Disk()
    made.tidying.one([ONE, TWO], START)
    assert made.tidied == []
    return made


def test_repositories_come_before_what_they_share(disk: Disk) -> None:
    assert disk.after(DAY) == ["acme/one", "acme/two", "shared"]


def test_one_thing_is_tidied_at_a_time(disk: Disk) -> None:
    """So that a delivery waits for one mirror at most."""
    disk.tidying.one([ONE, TWO], START + DAY)
    assert disk.tidied == ["acme/one"]
    disk.tidying.one([ONE, TWO], START + DAY)
    assert disk.tidied == ["acme/one", "acme/two"]


def test_everything_is_tidied_a_day_apart(disk: Disk) -> None:
    assert disk.after(DAY - A_LITTLE) == []
    assert disk.after(DAY + A_LITTLE) == ["acme/one", "acme/two", "shared"]
    assert disk.after(2 * DAY) == []
    assert disk.after(2 * DAY + A_LITTLE) == ["acme/one", "acme/two", "shared"]


def test_a_repository_that_came_later_waits_for_a_day_of_its_own() -> None:
    disk = Disk()
    assert disk.after(NEVER, [ONE]) == []
    assert disk.after(DAY / 2) == []
    assert disk.after(DAY) == ["acme/one", "shared"]
    assert disk.after(DAY * 3 / 2) == ["acme/two"]


@pytest.mark.parametrize(
    "failure", [Refusal("the disk is full"), Temporary("git is busy", timedelta(minutes=1))]
)
@pytest.mark.parametrize("failing", ["acme/one", "acme/two", "shared"])
def test_a_failure_of_one_does_not_stop_others(
    disk: Disk, failing: str, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    disk.failing[failing] = failure
    with caplog.at_level(logging.WARNING, "github_app.tidying"):
        assert disk.after(DAY) == ["acme/one", "acme/two", "shared"]
    assert [one.message for one in caplog.records] == [f"not tidied: {failure}"]
    disk.failing.clear()
    assert disk.after(2 * DAY) == ["acme/one", "acme/two", "shared"]


def test_a_bug_is_not_taken_for_a_failure(disk: Disk) -> None:
    disk.failing["acme/one"] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        disk.after(DAY)


def test_a_repository_that_is_gone_is_forgotten(disk: Disk) -> None:
    assert disk.after(DAY, [TWO]) == ["acme/two", "shared"]
    disk.tidying.forget([ONE.number, 12345])
    assert disk.after(DAY + A_LITTLE) == [], "it is new to us when it comes back"
    assert disk.after(2 * DAY) == ["acme/two", "shared"]
    assert disk.after(2 * DAY + A_LITTLE) == ["acme/one"]
