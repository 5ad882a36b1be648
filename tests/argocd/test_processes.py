"""Processes that die early, or do not want to die, or leave children behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.argocd.processes import Processes, free_ports, listens, running_below, until

PATH = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path) as processes:
        yield processes


def never() -> bool:
    return False


def test_an_early_end_shows_the_end_of_the_log(processes: Processes) -> None:
    command = ["sh", "-c", "echo no such port >&2; exit 3"]
    with pytest.raises(AssertionError, match=r"early ended with 3:\nno such port"):
        processes.start("early", command, PATH, never)


def test_one_that_is_never_ready_shows_the_end_of_the_log(processes: Processes) -> None:
    command = ["sh", "-c", "echo waiting for ever; sleep 300"]
    with pytest.raises(AssertionError, match=r"(?s)late to be ready.*waiting for ever"):
        processes.start("late", command, PATH, never, seconds=0.5)


def test_children_end_with_it_even_deaf_ones(processes: Processes, tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 300 & touch ready; while :; do sleep 300; done"
    processes.start("deaf", ["sh", "-c", script], PATH, (tmp_path / "ready").exists)
    assert len(running_below(tmp_path)) >= 2
    processes.stop()
    until(lambda: not running_below(tmp_path), "the processes to be gone", seconds=10)


def test_free_ports_are_different_and_nobody_listens() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert not any(listens(port) for port in ports)
