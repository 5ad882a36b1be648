"""The fence on real processes: inside nothing is reached, outside nothing has changed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from plugin.kustomize.fence import fenced

SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/dev/null", sys.base_prefix)
OPENS = "import sys; sys.stdout.write(open(sys.argv[1]).read())"
CALLS = "import socket; socket.socket()"
STARTS = "import os, sys; os.execv(sys.argv[1], [sys.argv[1]])"


def status(program: str, argument: str, *readable: Path) -> int:
    """How Python ends with `program`, started inside a fence around `readable`."""
    command = [sys.executable, "-IS", "-c", program, argument]

    def start() -> int:
        return subprocess.run(command, check=False, capture_output=True).returncode

    return fenced(start, map(str, readable), (*SYSTEM, sys.executable))


@pytest.fixture(autouse=True)
def _kernel(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "probe").write_text("x")
    if not status(OPENS, str(tmp_path / "probe"), tmp_path / "inside"):
        pytest.skip("this kernel has no Landlock: nothing keeps a process from reading")


def test_only_what_is_allowed_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "inside" / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    (tmp_path / "inside" / "link").symlink_to("../b")
    assert status(OPENS, str(tmp_path / "inside" / "a"), tmp_path / "inside") == 0
    assert status(OPENS, str(tmp_path / "b"), tmp_path / "inside") != 0
    assert status(OPENS, str(tmp_path / "inside" / "link"), tmp_path / "inside") != 0
    assert status(OPENS, "/proc/self/environ", tmp_path / "inside") != 0


def test_nothing_that_lies_there_can_be_started(tmp_path: Path) -> None:
    program = tmp_path / "inside" / "run"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert status(STARTS, str(program), tmp_path / "inside") != 0
    assert status(STARTS, "/usr/bin/true", tmp_path / "inside") == 0


def test_no_socket_can_be_made(tmp_path: Path) -> None:
    assert status(CALLS, "", tmp_path / "inside") != 0


def test_we_ourselves_stay_free(tmp_path: Path) -> None:
    assert fenced(os.getpid, (), ()) == os.getpid()
    assert (tmp_path / "probe").read_text() == "x"
    with socket.create_server(("127.0.0.1", 0)):
        pass


def test_what_goes_wrong_inside_is_told() -> None:
    def start() -> int:
        raise FileNotFoundError("gone")

    with pytest.raises(FileNotFoundError, match="gone"):
        fenced(start, ("/nonexistent",), SYSTEM)
