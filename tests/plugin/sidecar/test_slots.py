"""Slots: never more at once than there are, first come first served, free however one ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from plugin.errors import Temporary
from plugin.sidecar.slots import Slot

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = multiprocessing.get_context("fork")


def _render(directory: Path, count: int) -> None:
    """Works in a slot, and fails if more than `count` ever do."""
    with Slot(str(directory), count, 60):
        mine = directory / f"running-{os.getpid()}"
        mine.touch()
        running = list(directory.glob("running-*"))
        time.sleep(0.01)
        mine.unlink()
    os._exit(0 if len(running) <= count else 1)


def _hold(directory: Path, holding: Event) -> None:
    with Slot(str(directory), 1, 60):
        holding.set()
        signal.pause()


@pytest.mark.parametrize("count", [1, 2])
def test_no_more_work_at_once_than_there_are_slots(tmp_path: Path, count: int) -> None:
    workers = [PROCESSES.Process(target=_render, args=(tmp_path, count)) for _ in range(20)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    assert [one.exitcode for one in workers] == [0] * 20


def test_a_slot_is_free_when_its_process_was_killed(tmp_path: Path) -> None:
    holding = PROCESSES.Event()
    holder = PROCESSES.Process(target=_hold, args=(tmp_path, holding))
    holder.start()
    assert holding.wait(30)
    with (
        pytest.raises(
            Temporary, match=r"for 0.1 seconds: all slots, 1, were busy; .* TOWLINE_SLOTS"
        ),
        Slot(str(tmp_path), 1, 0.05),
    ):
        pass
    holder.kill()
    holder.join(30)
    with Slot(str(tmp_path), 1, 30) as slot:
        assert not slot.waited


def test_whether_it_took_time_is_known(tmp_path: Path) -> None:
    holding = PROCESSES.Event()
    holder = PROCESSES.Process(target=_hold, args=(tmp_path, holding))
    holder.start()
    assert holding.wait(30)
    threading.Timer(0.1, holder.kill).start()
    with Slot(str(tmp_path), 1, 30) as slot:
        assert slot.waited
    holder.join(30)


def test_who_gave_up_in_line_does_not_stay_in_it(tmp_path: Path) -> None:
    holding = PROCESSES.Event()
    holder = PROCESSES.Process(target=_hold, args=(tmp_path, holding))
    holder.start()
    assert holding.wait(30)
    refused: list[Temporary] = []

    def wait() -> None:
        try:
            with Slot(str(tmp_path), 1, 0.2):
                pass
        except Temporary as error:
            refused.append(error)

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    holder.kill()
    holder.join(30)
    assert len(refused) == 5
    with Slot(str(tmp_path), 1, 30):
        pass


def test_a_directory_that_cannot_be_used_bounds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Slot(str(tmp_path / "file"), 1, 0), Slot(str(tmp_path / "file"), 1, 0):
        pass


def test_waiting_for_a_slot_loads_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from plugin.sidecar.slots import Slot\n"
        "with Slot(sys.argv[2], 1, 1): print(*sys.modules)"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(ROOT), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    heavy = "dataclasses typing re json yaml subprocess pathlib enum signal threading".split()
    assert [name for name in heavy if name in done.stdout.split()] == []
