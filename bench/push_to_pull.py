"""From a registry's push notification to the open pull request: how long, and where it goes."""

from __future__ import annotations

import itertools
import statistics
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import requests

from bench.row import Row, against_floor, at_most, shown
from github_app.cli import process_surroundings
from github_app.ports import GitHub, Objects
from github_app.rounds import Forge, Place, Rounds
from github_app.sandbox.demo.gitops import image_of
from github_app.sandbox.demo.pulls import Pulls
from github_app.sandbox.demo.push import push
from github_app.sandbox.demo.servers import Plot, Servers, running
from github_app.sandbox.demo.waiting import Patience
from github_app.sandbox.latency import Latency
from github_app.sandbox.state import PullRequest
from plugin.freight import Freight

_RUNS, _SLOW_RUNS = 15, 6
_CALL, _WRITES = 0.2, 1.0
# Nothing can be decided before Git was asked for the tips (its handshake and its list) and GitHub
# for the pull requests; then one document opens the new one. None can go beside another.
_UNAVOIDABLE_CALLS = 4
_NAME = "push notification -> pull request open"
_P = TypeVar("_P")


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The time without any latency and each step's share of it, then the time with latency."""
    with running(_plot(tools, work / "fast"), process_surroundings()) as servers:
        bench = _Bench(servers, work / "fast")
        runs = [bench.run() for _ in range(_RUNS)]
        duplicate = bench.duplicate()
    total = statistics.median(one.seconds for one in runs)
    yield at_most(_NAME, total, "s", 2)
    for step in runs[0].shares:
        share = statistics.median(one.shares[step] for one in runs)
        yield shown(f"  of it: {step}", share, "s", total)
    yield at_most("API requests, new promotion", max(one.opening for one in runs), "requests", 4)
    yield at_most("API requests, updated one", max(one.updating for one in runs), "requests", 4)
    yield at_most("API requests, duplicate delivery", duplicate, "requests", 0)
    created = max(one.content for one in runs)
    yield at_most("content created, a new promotion and an updated one", created, "", 2)
    yield from _slow(tools, work / "slow")


def _slow(tools: Path, work: Path) -> Iterator[Row]:
    plot = replace(
        _plot(tools, work),
        latency=Latency(per_call=_CALL),
        between_writes=timedelta(seconds=_WRITES),
    )
    with running(plot, process_surroundings()) as servers:
        bench = _Bench(servers, work)
        slowest = max(bench.run().seconds for _ in range(_SLOW_RUNS))
    name = f"{_NAME}, {_CALL * 1000:.0f} ms a call, slowest of {_SLOW_RUNS}"
    yield against_floor(name, slowest, _UNAVOIDABLE_CALLS * _CALL, "s", 2)
    yield at_most(f"{name}, absolute", slowest, "s", 5)


def _plot(tools: Path, directory: Path) -> Plot:
    directory.mkdir()
    return Plot(directory, tools / "registry", notify=False)


@dataclass(frozen=True, slots=True)
class _Run:
    """One push: seconds until the pull request was open, and the API requests it took.

    `content` is what was created that people are told of, and that GitHub limits by the minute.
    """

    seconds: float
    shares: dict[str, float]
    opening: int
    updating: int
    content: int


@dataclass(slots=True)
class _Bench:
    """Pushes ever newer versions; each goes to dev by itself and updates staging's request."""

    servers: Servers
    directory: Path
    _watch: _Stopwatch = field(init=False)
    _versions: Iterator[int] = field(default_factory=itertools.count)
    _last: tuple[Freight, int] | None = None

    def __post_init__(self) -> None:
        self._watch = _Stopwatch(process_surroundings().clock)
        worker = self.servers.app.worker
        rounds = worker.rounds
        if not isinstance(rounds, Rounds):
            raise TypeError("these rounds have no ports to time")
        steps = {"discover": "ask the registry"}
        worker.rounds = replace(
            rounds,
            forge=_TimedForge(rounds.forge, self._watch),
            registries=lambda place: _timed(rounds.registries(place), steps, self._watch),
        )
        # The first push also makes the ledger and staging's pull request.
        self.run()

    def run(self) -> _Run:
        """Push the next version and wait until everything has followed."""
        number = next(self._versions)
        # A round under way would find the image before anybody has told of it.
        self._settle()
        freight = push(self.servers.image, f"1.{number}.0")
        asked = len(self.servers.journal)
        created, _ = self.servers.stand_in.content
        self._watch.steps.clear()
        began = self._watch.clock()
        self._notify(freight, number)
        dev = self._until(lambda: Pulls(self.servers.stand_in).merged("dev", freight))
        staging = self._until(lambda: Pulls(self.servers.stand_in).ready("staging", freight))
        self._settle()
        self._last = (freight, number)
        opened = self._watch.opened()
        seconds = (opened - began).total_seconds()
        opening = self._requests(asked, dev)
        merged = self.servers.journal.until(asked, lambda then: dev.number in then.merged) or 0
        updating = self._requests(asked + merged, staging)
        content = self.servers.stand_in.content[0] - created
        return _Run(seconds, self._watch.shares(began, opened), opening, updating, content)

    def duplicate(self) -> int:
        """The API requests that the same notification causes when it comes again."""
        if self._last is None:
            raise ValueError("nothing was pushed that could come again")
        asked = len(self.servers.journal)
        self._notify(*self._last)
        self._settle()
        return len(self.servers.journal) - asked

    def _requests(self, asked: int, pull: PullRequest) -> int:
        count = self.servers.journal.until(asked, lambda then: pull.head_sha in then.checked)
        if count is None:
            raise ValueError(f"#{pull.number} never had its check")
        return count

    def _notify(self, freight: Freight, number: int) -> None:
        """What the registry would post (https://distribution.github.io/distribution/about/notifications/)."""
        image = image_of(freight)
        event = {
            "id": f"bench-{number}",
            "action": "push",
            "target": {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "repository": image.repository.path,
                "tag": image.tag,
                "digest": image.digest,
            },
            "request": {"host": image.repository.host},
        }
        requests.post(
            f"{self.servers.app.server.url}/webhooks/distribution",
            json={"events": [event]},
            headers={"Authorization": f"Bearer {self.servers.registry_secret}"},
            timeout=10,
        ).raise_for_status()

    def _settle(self) -> None:
        self._until(lambda: self.servers.settled() or None)

    def _until(self, look: Callable[[], _P | None]) -> _P:
        limit = timedelta(seconds=60)
        log = self.directory / "app.log"
        return Patience(self._watch.clock, threading.Event(), limit, log).until("a promotion", look)


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    began: datetime
    ended: datetime
    opens: bool


@dataclass(frozen=True, slots=True)
class _Stopwatch:
    clock: Callable[[], datetime]
    steps: list[_Step] = field(default_factory=list)

    def opened(self) -> datetime:
        """When the first document that opens a pull request was answered."""
        for one in self.steps:
            if one.opens:
                return one.ended
        raise ValueError("no document opened a pull request")

    def shares(self, began: datetime, ended: datetime) -> dict[str, float]:
        """Seconds by step, from the notification until the pull request was open."""
        steps = [one for one in self.steps if began <= one.began and one.ended <= ended]
        shares = {"accept and hand over": (steps[0].began - began).total_seconds()}
        for one in steps:
            took = (one.ended - one.began).total_seconds()
            shares[one.name] = shares.get(one.name, 0.0) + took
        rest = (ended - began).total_seconds() - sum(shares.values())
        return {**shares, "decide and compose": rest}


@dataclass(frozen=True, slots=True)
class _TimedForge:
    forge: Forge
    watch: _Stopwatch

    def github(self, place: Place) -> GitHub:
        """GitHub, timed."""
        steps = {"look": "look at GitHub", "write": "write to GitHub", "start_branch": "start it"}
        return _timed(self.forge.github(place), steps, self.watch)

    def objects(self, place: Place) -> Objects:
        """Git, timed: fetching apart from reading."""
        objects = self.forge.objects(place)
        reads = [name for name in dir(objects) if not name.startswith("_")]
        return _timed(objects, dict.fromkeys(reads, "read Git") | {"fetch": "fetch"}, self.watch)


def _timed(port: _P, steps: dict[str, str], watch: _Stopwatch) -> _P:
    return cast(_P, _Timed(port, steps, watch))


@dataclass(frozen=True, slots=True)
class _Timed:
    """Any port, its methods in `steps` timed under those names."""

    port: object
    steps: dict[str, str]
    watch: _Stopwatch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        if name not in self.steps:
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            began = self.watch.clock()
            answer = found(*arguments, **named)
            opens = "createPullRequest" in str(arguments)
            step = _Step(self.steps[name], began, self.watch.clock(), opens)
            self.watch.steps.append(step)
            return answer

        return call
