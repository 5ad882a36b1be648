"""A time that is over is told, wherever we are, and nothing of it stays."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin.errors import Temporary
from plugin.sidecar.alarm import Alarm

ROOT = Path(__file__).resolve().parents[3]


def waiting() -> None:
    time.sleep(300)


def working() -> None:
    while True:
        pass


def reading_what_a_child_says() -> None:
    with subprocess.Popen(["/bin/sleep", "300"], stdout=subprocess.PIPE) as child:
        try:
            child.communicate()
        finally:
            child.kill()


def passing_over_errors() -> None:
    while True:
        try:
            time.sleep(300)
        except OSError:
            continue


@pytest.mark.parametrize(
    "doing", [waiting, working, reading_what_a_child_says, passing_over_errors]
)
def test_whatever_is_done_ends_and_says_what_to_do(doing: Callable[[], None]) -> None:
    said = r"^stopped after 0\.1 seconds.* raise TOWLINE_TIMEOUT$"
    with pytest.raises(Temporary, match=said), Alarm(0.1):
        doing()


def test_afterwards_nothing_rings() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with Alarm(0.1):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_it_loads_nothing_heavy() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from plugin.sidecar.alarm import Alarm\n"
        "with Alarm(9): print(*sys.modules)"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not {"signal", "enum", "typing", "re", "datetime"} & set(done.stdout.split())
