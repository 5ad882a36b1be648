"""A world for stories: the stand-in, the App on it stepped by hand, a clock that a test turns."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient

from github_app.app import Parts, create_app
from github_app.github.auth import AppKey, identity
from github_app.github.calls import CallCounter
from github_app.github.connections import Connections
from github_app.github.forge import GitHubForge
from github_app.github.host import Host
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.transport import Pace, Wire
from github_app.inbox.sqlite import SqliteInbox
from github_app.lines import LineReader
from github_app.metrics import Metrics
from github_app.outcome import Applied
from github_app.picture import Discovered, Discovery, Undiscovered
from github_app.rounds import Rounds
from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import CheckRun, PullRequest
from github_app.signatures import Secret
from github_app.worker import Worker
from github_app.wsgi_server import Server
from plugin.artifact import Image, Repository
from plugin.freight import Freight
from plugin.pipeline import Warehouse

REPOSITORY = "acme/shop"
IMAGE = "ghcr.io/acme/web"
PIPELINE = """\
project: shop
warehouses:
  web:
    - image: ghcr.io/acme/web
stages:
  dev:     {warehouses: [web], path: stages/dev, merge: auto, verify: none}
  staging: {after: [dev], path: stages/staging}
  prod:    {after: [staging], path: stages/prod}
"""
KUSTOMIZATION = """\
resources: [../../base]
images:
  - name: web  # the shop's front
    newName: ghcr.io/acme/web
    newTag: 0.9.0
"""
FILES = {
    "towline.yaml": PIPELINE,
    "base/kustomization.yaml": "resources: []\n",
    **{f"stages/{name}/kustomization.yaml": KUSTOMIZATION for name in ("dev", "staging", "prod")},
}


def digest(number: int) -> str:
    """A digest to tell apart from others."""
    return f"sha256:{number:064x}"


@cache
def key_pair() -> tuple[str, str]:
    """An RSA key of the App, private and public, as PEM; one for the whole run, they are slow."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@dataclass(slots=True)
class Clock:
    """A clock that goes only where it is turned to."""

    now: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Shelf:
    """Registries as a shelf of images: what stands there is the newest; a model of the port."""

    images: dict[str, Image] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)

    def discover(self, warehouse: Warehouse) -> Discovery:
        """The warehouse's images if all stand on the shelf."""
        if warehouse.name in self.trouble:
            return Undiscovered(self.trouble[warehouse.name])
        found = [self.images.get(str(one)) for one in warehouse.repositories]
        images = [one for one in found if one is not None]
        if len(images) < len(found):
            return Undiscovered(f"warehouse {warehouse.name}: there is no such image yet")
        return Discovered(Freight(warehouse.name, tuple(images)))


@dataclass(slots=True)
class Story:
    """What a test tells: people and registries act, the App is stepped until nothing happens."""

    stand_in: StandIn
    worker: Worker
    client: FlaskClient
    clock: Clock
    shelf: Shelf
    calls: CallCounter
    applied: list[Applied]

    def push(self, tag: str, number: int, image: str = IMAGE) -> None:
        """An image is pushed, and the registry says so."""
        pushed = Image(Repository.parse(image), tag, digest(number))
        self.shelf.images[str(pushed.repository)] = pushed
        event = {
            "id": f"push-{tag}-{number}",
            "action": "push",
            "target": {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "repository": pushed.repository.path,
                "tag": tag,
                "digest": pushed.digest,
            },
            "request": {"host": pushed.repository.host},
        }
        answer = self.client.post(
            "/webhooks/distribution",
            json={"events": [event]},
            headers={"Authorization": "Bearer registry-secret"},
        )
        assert answer.status_code == 202, answer.get_data(as_text=True)
        self.settle()

    def settle(self) -> None:
        """Deliver webhooks and let the App work until neither has anything left."""
        for _ in range(200):
            delivered = self.stand_in.deliver()
            worked = self.worker.step()
            if not delivered and not worked:
                return
        raise AssertionError("the world does not come to rest")

    def later(self, time: timedelta) -> None:
        """Time passes, and what became due happens."""
        self.clock.now += time
        self.settle()

    def pulls(self) -> list[PullRequest]:
        """Every pull request, the oldest first."""
        return sorted(self.stand_in.pull_requests(REPOSITORY), key=lambda one: one.number)

    def open_pull(self, stage: str = "") -> PullRequest:
        """The only open pull request, or the one of a stage."""
        head = f"towline/shop/{stage}/" if stage else ""
        (found,) = [
            one for one in self.pulls() if one.state == "open" and one.head_ref.startswith(head)
        ]
        return found

    def check(self, pull: PullRequest) -> CheckRun:
        """The `towline` check of a pull request's head."""
        (found,) = [
            one for one in self.stand_in.checks(REPOSITORY, pull.head_sha) if one.name == "towline"
        ]
        return found

    def merge(self, pull: PullRequest, actor: str = "alice") -> None:
        """A person presses Merge."""
        self.stand_in.merge(REPOSITORY, pull.number, actor)
        self.settle()

    def text(self, path: str, ref: str = "main") -> str:
        """A file of the repository."""
        content = self.stand_in.file(REPOSITORY, ref, path)
        assert content is not None, f"{path} is not on {ref}"
        return content.decode()

    def commit(self, branch: str, files: Mapping[str, str | None], actor: str = "alice") -> str:
        """A person pushes a commit."""
        oid = self.stand_in.commit(REPOSITORY, branch, files, "By hand", actor)
        self.settle()
        return oid

    def holds(self, stage: str) -> str:
        """The tag that the stage's pin says."""
        for line in self.text(f"stages/{stage}/kustomization.yaml").splitlines():
            if "newTag:" in line:
                return line.partition("newTag:")[2].strip().strip("'\"")
        raise AssertionError(f"{stage} has no pin")


@contextmanager
def told(directory: Path, files: Mapping[str, str] = FILES) -> Iterator[Story]:
    """A world with the App installed on one repository, at rest."""
    clock, shelf, calls = Clock(), Shelf(), CallCounter()
    private, public = key_pair()
    made: list[FlaskClient] = []

    def post(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        del url
        answer = made[0].post("/webhooks/github", data=body, headers=dict(headers))
        return answer.status_code, answer.get_data(as_text=True)

    stand_in = StandIn(
        directory / "github", clock=clock, random=random.Random(7), post=post
    )
    with Server(stand_in.wsgi, "127.0.0.1", 0) as server:
        stand_in.url = server.url
        stand_in.create_organization("acme")
        stand_in.create_user("alice")
        stand_in.create_repository("acme", "shop", files)
        stand_in.add_collaborator(REPOSITORY, "alice", "write")
        app = stand_in.register_app(
            "towline", public_key=public, webhook_url="http://app", webhook_secret="hook-secret"
        )
        stand_in.install("towline", "acme")
        wire = Wire(Host(server.url), clock, Pace(lambda _: None, timedelta(0)), calls)
        connections = Connections(wire, AppKey(app.id, private, clock))
        mirrors = Mirrors(directory / "mirrors", calls, {})
        inbox = SqliteInbox.open(directory / "inbox.sqlite")
        applied: list[Applied] = []
        forge = GitHubForge(Host(server.url), connections, mirrors, identity(connections.app))
        rounds = Rounds(forge, shelf, LineReader(), clock, applied.append)
        worker = Worker(inbox, rounds, forge, lambda *_: None, clock, timedelta(minutes=2))
        ids = itertools.count()
        parts = Parts(
            inbox=inbox,
            identity=forge.us,
            secrets={
                "github": (Secret("hook-secret"),),
                "distribution": (Secret("registry-secret"),),
            },
            metrics=Metrics(),
            clock=clock,
            new_id=lambda: str(next(ids)),
            wake=lambda: None,
        )
        made.append(create_app(parts).test_client())
        story = Story(stand_in, worker, made[0], clock, shelf, calls, applied)
        try:
            story.settle()
            yield story
        finally:
            inbox.close()
            mirrors.close()
            connections.close()
            stand_in.stop()
