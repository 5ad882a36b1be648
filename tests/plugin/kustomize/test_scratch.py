"""What helm needs while it runs is gone afterwards, also after a kill."""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path

from plugin.kustomize.scratch import Scratch

PROCESSES = multiprocessing.get_context("fork")


def hold(parent: Path, holding: Event) -> None:
    scratch = Scratch(str(parent))
    Path(scratch.path, "file").write_text("")
    os.utime(scratch.path, (1, 1))
    holding.set()
    signal.pause()


def test_it_is_there_and_then_it_is_not(tmp_path: Path) -> None:
    scratch = Scratch(str(tmp_path))
    Path(scratch.path, "a").mkdir()
    scratch.remove()
    scratch.remove()
    assert not list(tmp_path.iterdir())


def test_what_the_killed_left_goes_and_what_is_used_or_anothers_stays(tmp_path: Path) -> None:
    holding = PROCESSES.Event()
    holder = PROCESSES.Process(target=hold, args=(tmp_path, holding))
    holder.start()
    assert holding.wait(30)
    (used,) = tmp_path.iterdir()
    others = [tmp_path / "towline-slots-0", tmp_path / "towline-render-file"]
    others[0].mkdir()
    others[1].write_text("")
    for one in others:
        os.utime(one, (1, 1))
    Scratch(str(tmp_path)).remove()
    assert (used / "file").exists()
    holder.kill()
    holder.join(30)
    Scratch(str(tmp_path)).remove()
    assert sorted(tmp_path.iterdir()) == sorted(others)


def test_a_newborn_that_is_not_locked_yet_stays(tmp_path: Path) -> None:
    newborn = tmp_path / "towline-render-newborn"
    newborn.mkdir()
    Scratch(str(tmp_path)).remove()
    assert list(tmp_path.iterdir()) == [newborn]
