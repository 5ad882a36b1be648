"""Discovery of a new tag at a real registry, against the bare HTTP requests it needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import requests

from bench.row import Row, against_floor, at_most, medians
from github_app.picture import Discovered
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from github_app.warehouse.discover import RegistryDiscovery
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Repository
from plugin.errors import Refusal
from plugin.pipeline import Warehouse
from plugin.subscriptions import ImageSubscription

_TAGS = 200
_RUNS = 15
_ACCEPT = {"Accept": "application/vnd.oci.image.manifest.v1+json"}


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The time of one discovery among 200 tags, and its requests."""
    with registry(tools / "registry", work / "registry") as running:
        pusher = Pusher(running.url)
        for number in range(_TAGS):
            pusher.push_image("acme/web", f"1.{number}.0", image({"v": b"%d" % number}))
        place = Repository(running.host, "acme/web")
        warehouse = Warehouse("web", (ImageSubscription("web", place, constraint="^1"),))
        session = requests.Session()
        discovery = RegistryDiscovery(OciRegistry(RegistryHttp(session, lambda host: None)))
        asked: list[str] = []
        session.hooks["response"].append(lambda answer, **_: asked.append(answer.url))
        _must_find(discovery, warehouse, f"1.{_TAGS - 1}.0")
        needed = tuple(asked)
        bare = requests.Session()

        def floor() -> None:
            for url in needed:
                bare.get(url, headers=_ACCEPT, timeout=10).json()

        ours, theirs = medians(
            lambda: discovery.discover(warehouse), floor, clock=time.perf_counter, runs=_RUNS
        )
    yield against_floor(
        "discover a new tag among 200 (floor: its bare requests)", ours, theirs, "s", 2
    )
    yield at_most("registry requests for one tag event", len(needed), "requests", 3)


def _must_find(discovery: RegistryDiscovery, warehouse: Warehouse, tag: str) -> None:
    """A figure of a discovery that finds nothing would be hollow."""
    found = discovery.discover(warehouse)
    if not isinstance(found, Discovered) or found.freight.tags() != tag:
        raise Refusal(f"the bench's registry should offer {tag}, but: {found}")
