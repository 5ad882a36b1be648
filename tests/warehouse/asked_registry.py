"""A real registry whose every request is counted, and time that passes when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from github_app.sandbox.images import BuiltImage, Pusher, image
from github_app.sandbox.registry import registry
from github_app.warehouse.memory import RememberingRegistry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.offered_images import offered
from github_app.warehouse.registry_http import RegistryHttp
from plugin.artifact import Artifact, Repository
from plugin.subscriptions import ImageSubscription

SWEEP = timedelta(minutes=2)


def built(version: str, architecture: str = "amd64", day: int = 1) -> BuiltImage:
    """An image that differs by version and architecture."""
    created = datetime(2026, 2, day, tzinfo=UTC)
    return image({"v": version.encode()}, architecture=architecture, created=created)


def arches(version: str) -> tuple[BuiltImage, ...]:
    return tuple(built(version, name) for name in ("amd64", "arm64"))


@dataclass
class AskedRegistry:
    """`asked` are the requests of Towline since they were last cleared, method and path."""

    host: str
    storage: Path
    pusher: Pusher
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = requests.Session()
        session.hooks["response"].append(
            lambda answer, **_: self.asked.append(
                f"{answer.request.method} {answer.request.path_url}"
            )
        )
        self.oci = OciRegistry(RegistryHttp(session, lambda place: None))
        self.remembering = RememberingRegistry(self.oci, lambda: self.now)

    def repository(self, path: str) -> Repository:
        return Repository(self.host, path)

    def found(self, *subscriptions: ImageSubscription) -> tuple[Artifact, ...]:
        """The best of each subscription now, which must be something."""
        self.asked.clear()
        return tuple(next(offered(one, self.remembering)).artifact for one in subscriptions)

    def swept(self, *subscriptions: ImageSubscription) -> tuple[Artifact, ...]:
        """What the next sweep finds."""
        self.now += SWEEP
        return self.found(*subscriptions)


@contextmanager
def asked_registry(binary: Path, directory: Path) -> Iterator[AskedRegistry]:
    with registry(binary, directory) as running:
        storage = directory / "storage" / "docker" / "registry" / "v2" / "repositories"
        yield AskedRegistry(running.host, storage, Pusher(running.url))
