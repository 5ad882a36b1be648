"""A process ends with all below it, also where it shares our process group."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.kustomize.build import Kustomize
from plugin.kustomize.descendants import kill_with_all

TREE = "(sleep 300 & echo $! > {0}/a; exec sleep 300) & echo $! > {0}/b; : > {0}/begun; wait"


def running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def numbers(directory: Path) -> list[int]:
    """The processes of a tree, once all of them run."""
    files = [directory / "a", directory / "b"]
    for _ in range(400):
        if all(one.exists() and one.read_text().strip() for one in files):
            return [int(one.read_text()) for one in files]
        time.sleep(0.02)
    pytest.fail("the tree never began")


def test_children_and_their_children_go_and_nobody_else(tmp_path: Path) -> None:
    other = subprocess.Popen(["/bin/sleep", "300"])
    tree = subprocess.Popen(["/bin/sh", "-c", TREE.format(tmp_path)])
    below = numbers(tmp_path)
    assert all(map(running, below))
    kill_with_all(tree.pid)
    assert tree.wait() == -9
    assert not any(map(running, below))
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_child_that_has_ended_is_still_to_be_waited_for() -> None:
    child = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    kill_with_all(child.pid)
    assert child.wait() == 0


@pytest.mark.parametrize("flood", [False, True], ids=["too late", "too much"])
def test_a_build_that_is_stopped_leaves_no_helm(tmp_path: Path, flood: bool) -> None:
    program = tmp_path / "kustomize"
    text = TREE.format(tmp_path).replace("wait", "yes" if flood else "wait")
    program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n")
    program.chmod(0o755)
    how = Kustomize((str(program),), timeout=30 if flood else 1, limit=1 << 20, own_group=False)
    with pytest.raises(Refusal, match="more than 1048576 bytes" if flood else "was stopped after"):
        how.build(tmp_path, "")
    assert not any(map(running, numbers(tmp_path)))
