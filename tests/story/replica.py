"""One running App of a story: all of it but threads, on the stand-in over HTTP."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient

from github_app.app import Parts, create_app
from github_app.github.auth import AppKey, identity
from github_app.github.calls import CallCounter, Kind
from github_app.github.connections import Connections
from github_app.github.forge import GitHubForge
from github_app.github.host import Host
from github_app.github.mirror.fetch import GitCredentials
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from github_app.github.redelivery import Redelivery
from github_app.github.transport import Pace, Wire
from github_app.inbox.sqlite import SqliteInbox
from github_app.lines import LineReader
from github_app.metrics import Metrics
from github_app.outcome import Applied
from github_app.rendered.renders import Renders
from github_app.rendered.work_trees import WorkTrees
from github_app.rounds import Place, Rounds
from github_app.signatures import Secret
from github_app.source_commits.reading import KnownCommits, SourceHistories
from github_app.tidying import Tidying
from github_app.worker import Worker
from tests.story.registries import Clock, Shelf, key_pair


class Killed(BaseException):
    """The process ended here; nothing in it may catch this."""


class Fuse(CallCounter):
    """Counts calls, and ends the process before the GraphQL call that `left` counts down to."""

    left: int | None = None

    def add(self, kind: Kind) -> None:
        """One more call, unless it is the one that never goes out."""
        if self.left is not None and kind is Kind.GRAPHQL:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed
        super().add(kind)


@dataclass(frozen=True, slots=True)
class Outside:
    """What an App needs to know of the world it starts in; without `kustomize` none renders.

    `pace` is the time between its writes, which passes by the clock.
    """

    url: str
    app: int
    clock: Clock
    shelf: Shelf
    directory: Path
    kustomize: Path | None = None
    pace: timedelta = timedelta(0)

    def sleep(self, seconds: float) -> None:
        """Somebody waits, and the clock goes on."""
        self.clock.now += timedelta(seconds=seconds)


@dataclass(slots=True)
class Replica:
    """One App with its own inbox and mirrors; `stop` lets go of it, its directory stays."""

    outside: Outside
    calls: Fuse = field(default_factory=Fuse)
    applied: list[Applied] = field(default_factory=list)
    connections: Connections = field(init=False)
    mirrors: Mirrors = field(init=False)
    watched: WatchedMirrors = field(init=False)
    known: KnownCommits = field(init=False)
    renders: Renders | None = field(init=False)
    inbox: SqliteInbox = field(init=False)
    worker: Worker = field(init=False)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        host, clock, directory = Host(self.outside.url), self.outside.clock, self.outside.directory
        wire = Wire(host, clock, Pace(self.outside.sleep, self.outside.pace), self.calls)
        self.connections = Connections(wire, AppKey(self.outside.app, key_pair()[0], clock))
        self.mirrors = Mirrors(directory / "mirrors", self.calls, {})
        self.watched = WatchedMirrors(directory / "watched", self.calls, {})
        self.known = KnownCommits(clock)
        self.renders = self._renders()
        self.inbox = SqliteInbox.open(directory / "inbox.sqlite")
        forge = GitHubForge(host, self.connections, self.mirrors, identity(self.connections.app))
        rounds = Rounds(
            forge,
            lambda _: self.outside.shelf,
            LineReader(),
            clock,
            self.applied.append,
            renders=self.renders,
            histories=self._histories,
            neighbour=self._neighbour,
        )
        self.worker = Worker(
            self.inbox,
            rounds,
            forge,
            lambda *_: None,
            clock,
            timedelta(minutes=2),
            Tidying(forge.tidy, lambda: None),
            sent_again=Redelivery(self.connections.app).again,
        )
        self.client = create_app(self._parts(forge)).test_client()

    def _renders(self) -> Renders | None:
        kustomize = self.outside.kustomize
        if kustomize is None:
            return None
        trees = WorkTrees(self.outside.directory / "rendered", self.mirrors.of)
        environ = {"TOWLINE_KUSTOMIZE": str(kustomize)}
        return Renders(self.mirrors.of, trees, environ, lambda: self.outside.clock().timestamp())

    def _neighbour(self, place: Place, name: str) -> Place | None:
        return self.worker.places.neighbour(place, name)

    def _histories(self, place: Place) -> SourceHistories:
        """The source repositories that the place's installation has, too."""

        def key(name: str) -> GitCredentials | None:
            other = self.worker.places.neighbour(place, name)
            if other is None:
                return None
            return self.connections.credentials(other.installation, (other.number,))

        host, tenant = Host(self.outside.url), str(place.installation)
        return SourceHistories(self.watched, host, key, tenant, self.known)

    def _parts(self, forge: GitHubForge) -> Parts:
        ids = itertools.count()
        return Parts(
            inbox=self.inbox,
            identity=forge.us,
            secrets={
                "github": (Secret("hook-secret"),),
                "distribution": (Secret("registry-secret"),),
                "post": (Secret("post-secret"),),
                "argocd": (Secret("argocd-secret"),),
            },
            metrics=Metrics(),
            clock=self.outside.clock,
            new_id=lambda: str(next(ids)),
            wake=lambda: None,
        )

    def stop(self) -> None:
        """End it; what it held in memory is lost."""
        self.inbox.close()
        self.mirrors.close()
        self.connections.close()
