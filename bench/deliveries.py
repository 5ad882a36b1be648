"""Durable acknowledgements a second and what survives kill -9; copies of one event."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.delivery_generator import Load
from bench.row import Row, at_most, times_floor
from github_app.events import RepositoryChanged
from github_app.inbox.ports import Delivery
from github_app.inbox.sqlite import FILE, SqliteInbox
from plugin.errors import Refusal

_RUNS, _COUNT = 5, 1500
_COPIES, _SENDERS = 20_000, 32


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The inbox beside a store that keeps nothing, then deaths and copies."""
    with _serving("inbox", work / "kept") as kept, _serving("nothing", work / "floor") as floor:
        both = [(kept.load(f"kept-{run}"), floor.load(f"floor-{run}")) for run in range(_RUNS)]
        promised = [guid for load, _ in both for guid in load.accepted]
        promised += kept.killed_under_load(statistics.median(load.seconds for load, _ in both) / 2)
    ours, theirs = zip(*both, strict=True)
    name = "durable acknowledgements, 8 KB signed (floor: nothing kept, best threads)"
    yield times_floor(name, _rate(ours), _rate(theirs), "/s", 0.5)
    yield at_most("  their 99th percentile", _p99(ours), "ms", 100)
    lost = len(set(promised) - _kept(work / "kept" / FILE))
    yield at_most(f"lost of {len(promised)} acknowledged, kill -9 under load", lost, "", 0)
    yield at_most(f"units of work for {_COPIES} copies of one event", _units(work), "", 1)


@dataclass(frozen=True, slots=True)
class _Serving:
    process: subprocess.Popen[str]
    port: int

    def load(self, prefix: str) -> Load:
        """The answers to all deliveries; Refusal unless every one was accepted."""
        load = _heard(self._generator(prefix))
        if len(load.accepted) != _COUNT:
            raise Refusal(f"only {len(load.accepted)} of {_COUNT} deliveries were accepted")
        return load

    def killed_under_load(self, seconds: float) -> Sequence[str]:
        """The ids acknowledged until the server was killed that long after its first answer."""
        generator = self._generator("killed")
        time.sleep(seconds)
        self.process.kill()
        return _heard(generator).accepted

    def _generator(self, prefix: str) -> subprocess.Popen[str]:
        return _started("bench.delivery_generator", str(self.port), str(_COUNT), prefix)


@contextmanager
def _serving(store: str, directory: Path) -> Iterator[_Serving]:
    directory.mkdir()
    process = _started("bench.delivery_server", store, str(directory))
    try:
        yield _Serving(process, int(_line(process)))
    finally:
        process.kill()
        process.communicate()


def _started(module: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=Path(__file__).resolve().parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise Refusal(f"{process.args!r} did not start")
    return line


def _heard(generator: subprocess.Popen[str]) -> Load:
    out, _ = generator.communicate()
    return Load(**json.loads(out))


def _rate(loads: Sequence[Load]) -> float:
    return statistics.median(len(load.accepted) / load.seconds for load in loads)


def _p99(loads: Sequence[Load]) -> float:
    return 1000 * statistics.median(
        statistics.quantiles(load.latencies, n=100)[98] for load in loads
    )


def _kept(inbox: Path) -> set[str]:
    with sqlite3.connect(inbox) as connection:
        return {guid for (guid,) in connection.execute("SELECT guid FROM deliveries")}


def _units(work: Path) -> int:
    """The claims that half of the copies under new ids cause, then the other half under old ones.

    The first half waits together; the second comes when the work is done.
    """
    inbox = SqliteInbox.open(work / "copies" / FILE)
    try:
        guids = [f"copy-{number}" for number in range(_COPIES // 2)]
        return _worked_off(inbox, guids) + _worked_off(inbox, guids)
    finally:
        inbox.close()


def _worked_off(inbox: SqliteInbox, guids: Sequence[str]) -> int:
    now = datetime.now(UTC)
    event = RepositoryChanged(1, "acme/shop", "push to refs/heads/main")

    def accept(guid: str) -> None:
        inbox.accept(Delivery("github", guid, "push", now, (event,)))

    with ThreadPoolExecutor(_SENDERS) as senders:
        list(senders.map(accept, guids))
    claims = 0
    while claim := inbox.claim(now):
        inbox.finish(claim)
        claims += 1
    return claims
