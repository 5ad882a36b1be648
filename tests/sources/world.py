"""The App as people run it, on real parts, stepped by hand: what it learns of its sources.

The real `App` with its HTTP server, the GitHub stand-in with Git over HTTP, a real registry that
notifies the App. Only time is a test's: nothing happens but between a test's own lines, except
that the registry's notifications arrive when they do, and are waited for.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import requests

from github_app.inbox.ports import State
from github_app.sandbox.images import BuiltImage, Pusher
from github_app.sandbox.registry import Notify, RunningRegistry, registry
from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import CheckRun, Protection, PullRequest
from github_app.sandbox.webhooks import post_over_http
from github_app.settings import Settings
from github_app.surroundings import Surroundings
from github_app.wsgi import App
from github_app.wsgi_server import Server
from tests.story.person import Person
from tests.story.registries import Clock, key_pair

HOOK, BEARER, POST = (f"the {whose} secret of the sources" for whose in ("hook", "bearer", "post"))
SWEEP = timedelta(minutes=2)
_MANIFESTS = tuple(f"application/vnd.oci.image.{kind}.v1+json" for kind in ("index", "manifest"))
_ASKED = re.compile(r'http\.request\.method=(\S+) .*http\.request\.uri="?([^\s"]+)')


@dataclass(slots=True)
class World:
    """Everything that runs; what a test does to it is all that happens."""

    stand_in: StandIn
    app: App
    registry: RunningRegistry
    clock: Clock
    token: str
    pusher: Pusher = field(init=False)
    _ids: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.pusher = Pusher(self.registry.url)

    def settle(self) -> None:
        """Deliver GitHub's webhooks and let the App work until neither has anything left."""
        for _ in range(500):
            delivered = self.stand_in.deliver()
            if not self.app.worker.step() and not delivered:
                return
        raise AssertionError("the world does not come to rest")

    def later(self, span: timedelta = SWEEP) -> None:
        """Time passes, and what became due happens; after two minutes a sweep is due."""
        self.clock.now += span
        self.settle()

    def found(
        self, name: str, files: Mapping[str, str], owner: str = "acme", *, private: bool = False
    ) -> Shop:
        """A new repository, to which Alice pushes these files."""
        readme = {"README.md": f"# {name}\n"}
        self.stand_in.create_repository(owner, name, readme, private=private)
        self.stand_in.add_collaborator(f"{owner}/{name}", "alice", "write")
        # It demands nothing; without any, nothing would be merged by itself.
        self.stand_in.protect(f"{owner}/{name}", "main", Protection(allow_force=True))
        # The App asks GitHub for names that it does not know once a minute.
        self.later(timedelta(minutes=1))
        shop = Shop(self, f"{owner}/{name}")
        shop.commit(files)
        return shop

    def image(self, path: str) -> str:
        """What people call a repository of the registry."""
        return f"{self.registry.host}/{path}"

    def told(self, happens: Callable[[], str], times: int = 1) -> str:
        """What `happens` gives, once the registry has told the App of so many tags."""
        before = self._waiting()
        made = happens()
        patiently(lambda: self._waiting() >= before + times)
        return made

    def push(self, path: str, tag: str, *images: BuiltImage) -> str:
        """The digest of what was pushed, once the registry told the App; several are an index."""
        if len(images) == 1:
            return self.told(lambda: self.pusher.push_image(path, tag, images[0]))
        return self.told(lambda: self.pusher.push_index(path, tag, images))

    def retag(self, path: str, old: str, new: str) -> str:
        """The digest behind a tag, which has another tag now; the App was told."""
        place = f"{self.registry.url}/v2/{path}/manifests"
        accept = (
            "application/vnd.oci.image.index.v1+json,application/vnd.oci.image.manifest.v1+json"
        )
        got = requests.get(f"{place}/{old}", headers={"Accept": accept}, timeout=10)
        kind = {"Content-Type": got.headers["Content-Type"]}

        def put() -> str:
            answer = requests.put(f"{place}/{new}", data=got.content, headers=kind, timeout=10)
            answer.raise_for_status()
            return answer.headers["Docker-Content-Digest"]

        return self.told(put)

    def delete(self, path: str, reference: str) -> None:
        """A tag, or with a digest an image, is deleted; nobody acts on the registry's word."""
        place = f"{self.registry.url}/v2/{path}/manifests/{reference}"
        requests.delete(place, timeout=10).raise_for_status()

    def asked(self, happens: Callable[[], object]) -> list[str]:
        """What the registry was asked, method and path, while something happened."""
        before = len(self._log())
        happens()
        return self._log()[before:-1]

    def _log(self) -> list[str]:
        """All that the registry was ever asked; the last is our own question for this list."""
        mark = f"/v2/?asked={next(self._ids)}"
        requests.get(f"{self.registry.url}{mark}", timeout=10)
        found: list[str] = []

        def written() -> bool:
            text = self.registry.log.read_text("utf-8", "replace")
            found[:] = [" ".join(one) for one in _ASKED.findall(text)]
            return f"GET {mark}" in found

        patiently(written)
        return found

    def _waiting(self) -> int:
        return self.app.inbox.counts().get(State.PENDING, 0)


@dataclass(frozen=True, slots=True)
class Shop:
    """One repository with a pipeline, and what people see of it."""

    world: World
    name: str

    def pulls(self) -> list[PullRequest]:
        """Every pull request, the oldest first."""
        return sorted(self.world.stand_in.pull_requests(self.name), key=lambda one: one.number)

    def open_pulls(self) -> list[PullRequest]:
        """The open ones, the oldest first."""
        return [one for one in self.pulls() if one.state == "open"]

    def open_pull(self, stage: str = "dev") -> PullRequest:
        """The only open pull request of a stage."""
        (found,) = [one for one in self.open_pulls() if f"/{stage}/" in one.head_ref]
        return found

    def body(self, stage: str = "dev") -> str:
        """What the open pull request of a stage says."""
        return self.open_pull(stage).body or ""

    def check(self, stage: str = "dev") -> CheckRun:
        """The `towline` check on the open pull request of a stage."""
        checks = self.world.stand_in.checks(self.name, self.open_pull(stage).head_sha)
        (found,) = [one for one in checks if one.name == "towline"]
        return found

    def ready(self, stage: str = "dev") -> bool:
        """Whether that check lets a person merge."""
        return self.check(stage).conclusion == "success"

    def merge(self, pull: PullRequest) -> None:
        """Alice presses Merge."""
        self.world.stand_in.merge(self.name, pull.number, "alice")
        self.world.settle()

    def commit(self, files: Mapping[str, str | None], message: str = "By hand") -> str:
        """Alice pushes a commit to the default branch."""
        oid = self.world.stand_in.commit(self.name, "main", files, message, "alice")
        self.world.settle()
        return oid

    def tag(self, name: str, commit: str) -> None:
        """Alice pushes a tag."""
        alice = Person(self.world.stand_in.url, self.world.token, self.name)
        alice.ask("POST", "/git/refs", ref=f"refs/tags/{name}", sha=commit)
        self.world.settle()

    def text(self, path: str, ref: str = "main") -> str:
        """A file of the repository."""
        content = self.world.stand_in.file(self.name, ref, path)
        assert content is not None, f"{path} is not on {ref}"
        return content.decode()

    def proposed(self, path: str, stage: str = "dev") -> str:
        """A file as the open pull request of a stage would leave it."""
        return self.text(path, self.open_pull(stage).head_sha)

    def changed(self, stage: str = "dev") -> list[str]:
        """The files that the open pull request of a stage changes, but for the record."""
        found = self.world.stand_in.files(self.name, self.open_pull(stage).number)
        return sorted(one.path for one in found if "/.freight/" not in one.path)


def pipeline(warehouses: str, *stages: str) -> str:
    """A pipeline file: the YAML of its warehouses, and a line for each stage (dev, of web)."""
    lines = stages or ("dev: {warehouses: [web], path: stages/dev}",)
    return "\n".join(
        [
            "project: shop",
            "warehouses:",
            *(f"  {line}" for line in warehouses.strip("\n").splitlines()),
            "stages:",
            *(f"  {line}" for line in lines),
            "",
        ]
    )


def images(**tags: str) -> str:
    """A kustomization with the images of these names, `repository:tag` each."""
    lines = ["resources: []", "images:"]
    for name, reference in tags.items():
        repository, _, tag = reference.rpartition(":")
        lines += [f"  - name: {name}", f"    newName: {repository}", f"    newTag: {tag}"]
    return "\n".join([*lines, ""])


def patiently(happened: Callable[[], bool]) -> None:
    """Wait for something that other processes do by themselves."""
    for _ in range(3000):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("it does not happen")


@contextmanager
def running(binary: Path, directory: Path, **environ: str) -> Iterator[World]:
    """A world at rest: acme has installed the App, and has no repositories yet."""
    clock = Clock()
    stand_in = StandIn(directory / "github", clock=clock, random=random.Random(7))
    with Server(stand_in.wsgi, "127.0.0.1", 0) as github:
        stand_in.url = github.url
        token = stand_in.create_user("alice")
        app = App(_settings(stand_in, directory, environ), _around(clock, directory))
        hooks = f"{app.server.url}/webhooks"
        stand_in.post = lambda _, headers, body: post_over_http(f"{hooks}/github", headers, body)
        notify = Notify(f"{hooks}/distribution", BEARER)
        with app.server, registry(binary, directory / "registry", notify=notify) as images:
            world = World(stand_in, app, images, clock, token)
            try:
                world.settle()
                yield world
            finally:
                app.stop()
                stand_in.stop()


def _settings(stand_in: StandIn, directory: Path, environ: Mapping[str, str]) -> Settings:
    private, public = key_pair()
    stand_in.create_organization("acme")
    app = stand_in.register_app(
        "towline", public_key=public, webhook_url="http://app", webhook_secret=HOOK
    )
    stand_in.install("towline", "acme")
    return Settings.from_env(
        {
            "TOWLINE_APP_ID": str(app.id),
            "TOWLINE_PRIVATE_KEY": private,
            "TOWLINE_WEBHOOK_SECRET": HOOK,
            "TOWLINE_REGISTRY_SECRET": BEARER,
            "TOWLINE_POST_SECRET": POST,
            "TOWLINE_GITHUB_URL": stand_in.url,
            "TOWLINE_DATA": str(directory / "app"),
            "TOWLINE_LISTEN": "127.0.0.1:0",
            **environ,
        }
    )


def _around(clock: Clock, directory: Path) -> Surroundings:
    ids = itertools.count()
    return Surroundings(
        environ={"PATH": os.environ["PATH"], "HOME": str(directory)},
        clock=clock,
        sleep=lambda _: None,
        new_id=lambda: str(next(ids)),
        between_writes=timedelta(0),
    )
