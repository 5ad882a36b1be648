"""A world for stories: the stand-in, the App on it stepped by hand, a clock that a test turns."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import CheckRun, Protection, PullRequest
from github_app.wsgi_server import Server
from plugin.artifact import Image, Repository
from tests.story.person import Person
from tests.story.registries import Clock, Shelf, digest, key_pair
from tests.story.replica import Outside, Replica
from tests.story.weather import Weather

__all__ = ["FILES", "IMAGE", "PIPELINE", "REPOSITORY", "Story", "digest", "told"]

REPOSITORY = "acme/shop"
LEDGER = "towline-ledger"
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


@dataclass(slots=True)
class Story:
    """What a test tells: people and registries act, the App is stepped until nothing happens."""

    stand_in: StandIn
    outside: Outside
    alice: Person
    weather: Weather
    app: Replica
    others: list[Replica] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        """The one clock of the world."""
        return self.outside.clock

    @property
    def shelf(self) -> Shelf:
        """What the registries offer."""
        return self.outside.shelf

    def push(self, tag: str, number: int, image: str = IMAGE) -> None:
        """An image is pushed, the registry says so, and all that follows happens."""
        self.announce(tag, number, image)
        self.settle()

    def announce(self, tag: str, number: int, image: str = IMAGE) -> None:
        """An image is pushed, and the registry says so."""
        pushed = Image(Repository.parse(image), tag, digest(number))
        self.shelf.images[str(pushed.repository)] = pushed
        event = {
            "id": f"push-{image.replace('/', ':')}-{tag}-{number}",
            "action": "push",
            "target": {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "repository": pushed.repository.path,
                "tag": tag,
                "digest": pushed.digest,
            },
            "request": {"host": pushed.repository.host},
        }
        answer = self.app.client.post(
            "/webhooks/distribution",
            json={"events": [event]},
            headers={"Authorization": "Bearer registry-secret"},
        )
        assert answer.status_code == 202, answer.get_data(as_text=True)

    def deliver(self, event: str, payload: Mapping[str, object]) -> None:
        """GitHub delivers something that the stand-in never would, properly signed."""
        body = json.dumps(payload).encode()
        signature = hmac.new(b"hook-secret", body, hashlib.sha256).hexdigest()
        answer = self.app.client.post(
            "/webhooks/github",
            data=body,
            headers={
                "Content-Type": "application/json",
                "X-GitHub-Event": event,
                "X-GitHub-Delivery": signature[:32],
                "X-Hub-Signature-256": f"sha256={signature}",
            },
        )
        assert answer.status_code == 202, answer.get_data(as_text=True)
        self.settle()

    def settle(self) -> None:
        """Deliver webhooks and let the App work until neither has anything left."""
        for _ in range(300):
            delivered = self.stand_in.deliver()
            worked = [one.worker.step() for one in (self.app, *self.others)]
            if not delivered and not any(worked):
                return
        raise AssertionError("the world does not come to rest")

    def later(self, time: timedelta) -> None:
        """Time passes, and what became due happens."""
        self.clock.now += time
        self.settle()

    def lose_webhooks(self) -> None:
        """Nobody takes the webhooks that wait now."""
        taken, self.stand_in.post = self.stand_in.post, lambda *_: (503, "not now")
        self.stand_in.deliver()
        self.stand_in.post = taken

    def restart(self) -> None:
        """The App's process ends, wherever it is, and another one starts on the same disk."""
        self.app.stop()
        self.app = Replica(self.outside)

    def another_replica(self) -> Replica:
        """A second App beside the first, with an inbox and mirrors of its own."""
        directory = self.outside.directory / f"replica-{len(self.others)}"
        directory.mkdir()
        made = Replica(replace(self.outside, directory=directory))
        self.others.append(made)
        return made

    def pulls(self) -> list[PullRequest]:
        """Every pull request, the oldest first."""
        return sorted(self.stand_in.pull_requests(REPOSITORY), key=lambda one: one.number)

    def open_pulls(self) -> list[PullRequest]:
        """The open ones, the oldest first."""
        return [one for one in self.pulls() if one.state == "open"]

    def open_pull(self, stage: str = "", warehouse: str = "") -> PullRequest:
        """The only open pull request, or the one of a stage."""
        head = f"towline/shop/{stage}/{warehouse}" if stage else ""
        (found,) = [one for one in self.open_pulls() if one.head_ref.startswith(head)]
        return found

    def checked(self) -> CheckRun:
        """The `towline` check of the default branch's tip."""
        (found,) = self.stand_in.checks(REPOSITORY, self.tip())
        return found

    def check(self, pull: PullRequest) -> CheckRun:
        """The `towline` check of a pull request's head."""
        (found,) = [
            one for one in self.stand_in.checks(REPOSITORY, pull.head_sha) if one.name == "towline"
        ]
        return found

    def difference(self, pull: PullRequest) -> CheckRun:
        """The `towline/diff` check of a pull request's head."""
        every = self.stand_in.checks(REPOSITORY, pull.head_sha)
        (found,) = [one for one in every if one.name == "towline/diff"]
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

    def tip(self, branch: str = "main") -> str:
        """Where a branch stands."""
        return self.stand_in.branches(REPOSITORY)[branch]

    def ledger(self) -> list[str]:
        """The ledger's commits, newest first."""
        return [one.sha for one in self.stand_in.history(REPOSITORY, LEDGER, 100)]

    def commit(self, branch: str, files: Mapping[str, str | None], actor: str = "alice") -> str:
        """A person pushes a commit."""
        oid = self.stand_in.commit(REPOSITORY, branch, files, "By hand", actor)
        self.settle()
        return oid

    def holds(self, stage: str, ref: str = "main") -> str:
        """The tag that the stage's pin says."""
        for line in self.text(f"stages/{stage}/kustomization.yaml", ref).splitlines():
            if "newTag:" in line:
                return line.partition("newTag:")[2].strip().strip("'\"")
        raise AssertionError(f"{stage} has no pin")

    def requests(self) -> int:
        """What the App has asked of GitHub's APIs, tokens aside."""
        calls = self.app.calls.calls()
        return calls.rest + calls.graphql


@contextmanager
def told(
    directory: Path,
    files: Mapping[str, str] = FILES,
    before: Callable[[StandIn], object] = lambda _: None,
    *,
    mergeable_at_first_look: bool = True,
    kustomize: Path | None = None,
) -> Iterator[Story]:
    """A world with the App installed on one repository, at rest; `before` prepares GitHub.

    With `kustomize` the App renders.
    """
    clock, running = Clock(), list[Story]()

    def post(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        del url
        answer = running[0].app.client.post("/webhooks/github", data=body, headers=dict(headers))
        return answer.status_code, answer.get_data(as_text=True)

    stand_in = StandIn(
        directory / "github",
        clock=clock,
        random=random.Random(7),
        post=post,
        mergeable_at_first_look=mergeable_at_first_look,
    )
    weather = Weather(stand_in.wsgi.wsgi_app)
    stand_in.wsgi.wsgi_app = weather  # type: ignore[assignment,method-assign]  # as Flask says
    with Server(stand_in.wsgi, "127.0.0.1", 0) as server:
        stand_in.url = server.url
        token, app = _founded(stand_in, files)
        before(stand_in)
        outside = Outside(server.url, app, clock, Shelf(), directory, kustomize)
        alice = Person(server.url, token, REPOSITORY)
        story = Story(stand_in, outside, alice, weather, Replica(outside))
        running.append(story)
        try:
            story.settle()
            yield story
        finally:
            for one in (story.app, *story.others):
                one.stop()
            stand_in.stop()


def _founded(stand_in: StandIn, files: Mapping[str, str]) -> tuple[str, int]:
    """Alice's token, and the App's id; it is installed on the whole organization."""
    stand_in.create_organization("acme")
    token = stand_in.create_user("alice")
    stand_in.create_repository("acme", "shop", files)
    stand_in.add_collaborator(REPOSITORY, "alice", "write")
    # It demands nothing; without any, nothing would be merged by itself.
    stand_in.protect(REPOSITORY, "main", Protection(allow_force=True))
    app = stand_in.register_app(
        "towline", public_key=key_pair()[1], webhook_url="http://app", webhook_secret="hook-secret"
    )
    stand_in.install("towline", "acme")
    return token, app.id
