"""Discovery at a real registry: 200 warehouses of 500 tags, against their bare HTTP requests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from bench.row import Row, against_floor, at_most, medians
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from github_app.warehouse.choices import Choices
from github_app.warehouse.memory import RememberingRegistry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.offered_images import offered
from github_app.warehouse.registry_http import RegistryHttp
from github_app.warehouse.registry_session import registry_session
from plugin.artifact import Repository
from plugin.errors import Refusal
from plugin.subscriptions import ImageSubscription

_WAREHOUSES = 200
_TAGS = 500
_RUNS = 3
_SWEEPS = 9
_SWEEP = timedelta(minutes=2)
_ACCEPT = {"Accept": "application/vnd.oci.image.manifest.v1+json, application/json, */*"}
# Where the registry keeps repositories below its directory.
_STORAGE = Path("storage/docker/registry/v2/repositories")


@dataclass
class _Looking:
    """Warehouses that look at one registry with one memory; every request is in `asked`."""

    host: str
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = registry_session()
        self.session.hooks["response"].append(
            lambda answer, **_: self.asked.append((answer.request.method, answer.url))
        )
        self.subscriptions = [
            ImageSubscription("web", Repository(self.host, f"acme/web-{number}"), constraint="^1")
            for number in range(_WAREHOUSES)
        ]
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything but the connections."""
        http = RegistryHttp(self.session, lambda place: None, clock=lambda: self.now)
        self.memory = RememberingRegistry(OciRegistry(http), lambda: self.now)
        self.choices = Choices()

    def first_look(self) -> None:
        self.begin_anew()
        self.look()

    def idle_sweep(self) -> None:
        self.now += _SWEEP
        self.look()

    def look(self) -> None:
        for one in self.subscriptions:
            self.newest(one, f"1.{_TAGS - 1}.0")

    def newest(self, subscription: ImageSubscription, tag: str) -> None:
        """A figure of a discovery that finds nothing would be hollow."""
        found = next(offered(subscription, self.memory, self.choices), None)
        if found is None or found.artifact.version != tag:
            raise Refusal(f"the bench's registry should offer {tag}, but: {found}")

    def bare(self) -> Floor:
        """The requests since the last time, to be made again by nobody but `requests`."""
        asked, self.asked[:] = list(self.asked), []
        return Floor(requests.Session(), asked)


@dataclass(frozen=True)
class Floor:
    """The same requests, their answers read and nothing done with them."""

    session: requests.Session
    asked: list[tuple[str, str]]

    def __call__(self) -> None:
        """Make them."""
        for method, url in self.asked:
            answer = self.session.request(method, url, headers=_ACCEPT, timeout=10)
            answer.raise_for_status()
            if method == "GET":
                answer.json()


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The times of a first look, an idle sweep and a tag's event, and their requests."""
    with registry(tools / "registry", work / "registry") as running:
        pusher = Pusher(running.url)
        _fill(pusher, work / "registry" / _STORAGE / "acme")
        looking = _Looking(running.host)
        looking.first_look()
        first = looking.bare()
        looking.idle_sweep()
        idle = looking.bare()
        yield from _looks(looking, first, idle)
        yield from _event(looking, pusher)


def _looks(looking: _Looking, first: Floor, idle: Floor) -> Iterator[Row]:
    ours, floor = medians(looking.first_look, first, clock=time.perf_counter, runs=_RUNS)
    name = f"first look of {_WAREHOUSES} warehouses at {_TAGS} tags each"
    yield against_floor(f"{name} (floor: the bare requests)", ours, floor, "s", 2)
    yield at_most(f"registry requests of it, {_WAREHOUSES} warehouses", *_counted(first, 3))
    looking.look()
    looking.asked.clear()
    ours, floor = medians(looking.idle_sweep, idle, clock=time.perf_counter, runs=_SWEEPS)
    name = f"idle sweep of {_WAREHOUSES} warehouses at {_TAGS} tags each"
    yield against_floor(f"{name} (floor: the bare requests)", ours, floor, "s", 2)
    swept = len(looking.asked) / _SWEEPS
    yield at_most(
        f"registry requests of it, {_WAREHOUSES} warehouses", swept, "requests", _WAREHOUSES
    )


def _counted(floor: Floor, each: int) -> tuple[float, str, float]:
    return len(floor.asked), "requests", each * _WAREHOUSES


def _event(looking: _Looking, pusher: Pusher) -> Iterator[Row]:
    """A new tag that a notification told of."""
    one, tag = looking.subscriptions[0], f"1.{_TAGS}.0"
    path = one.repository.path
    pusher.push_image(path, tag, image({"v": b"new"}))

    def told() -> None:
        looking.memory.told(one.repository, tag)
        looking.newest(one, tag)

    looking.asked.clear()
    told()
    needed = looking.bare()
    yield at_most("registry requests for one tag event", len(needed.asked), "requests", 3)
    looking.begin_anew()
    looking.newest(one, tag)
    anew = looking.bare()

    def first() -> None:
        looking.begin_anew()
        looking.newest(one, tag)

    ours, floor = medians(first, anew, clock=time.perf_counter, runs=15)
    name = f"discover a new tag among {_TAGS} (floor: its bare requests)"
    yield against_floor(name, ours, floor, "s", 2)


def _fill(pusher: Pusher, storage: Path) -> None:
    """One image behind many tags of many repositories: to a reader they are all different."""
    pusher.push_image("acme/web-0", "1.0.0", image({"v": b"old"}))
    tags = storage / "web-0" / "_manifests" / "tags"
    for number in range(1, _TAGS):
        (tags / f"1.{number}.0").symlink_to("1.0.0")
    for number in range(1, _WAREHOUSES):
        (storage / f"web-{number}").symlink_to("web-0")
