"""From the start of `towline serve` until it is of use, and its memory once it rests."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from bench.row import Row, at_most
from bench.world import World, world
from plugin.errors import Refusal

_RUNS = 3
_PATIENCE = 60.0
_REST = 1.0


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """Seconds until `/readyz` says yes, beside a bare import of the App; resident megabytes."""
    starts: list[float] = []
    imports: list[float] = []
    memory: list[float] = []
    with world(tools, work, 1) as at:
        # The first start promotes; what is measured is the start of an App with nothing to do.
        with _served(at, work / "first"):
            time.sleep(_REST)
        for run in range(_RUNS):
            with _served(at, work / f"data-{run}") as (process, seconds):
                starts.append(seconds)
                time.sleep(_REST)
                memory.append(_resident(process.pid))
            imports.append(_importing())
    ready, floor = statistics.median(starts), statistics.median(imports)
    name = "start to ready, new data directory (floor: importing the App)"
    yield Row(name, ready, "s", "<= 2 s", ready <= 2, floor)
    yield at_most("memory of the App at rest", statistics.median(memory), "MB", 150)


@contextmanager
def _served(at: World, data: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The process, ready, and the seconds that took."""
    port = _free_port()
    environ = {**os.environ, **at.variables(data, f"127.0.0.1:{port}")}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "github_app.cli", "serve"], env=environ, stderr=subprocess.DEVNULL
    )
    try:
        _until_ready(process, port)
        yield process, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def _until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    limit = time.perf_counter() + _PATIENCE
    while process.poll() is None and time.perf_counter() < limit:
        try:
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.01)
    raise Refusal("towline serve did not become ready: no figure of its start")


def _importing() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import github_app.wsgi"], check=True)
    return time.perf_counter() - began


def _resident(pid: int) -> float:
    """Megabytes, as Linux counts them."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        raise Refusal("no /proc here: no figure of memory")
    (line,) = [one for one in status.read_text().splitlines() if one.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024 / 1e6


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
