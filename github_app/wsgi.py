"""The composition root of the App: settings -> the running whole."""

from __future__ import annotations

import logging
import time
from functools import partial
from pathlib import Path

from github_app.app import Parts, create_app
from github_app.argocd.api import ArgocdApi
from github_app.github.redelivery import Redelivery
from github_app.inbox.ports import State
from github_app.inbox.sqlite import FILE, SqliteInbox
from github_app.lines import LineReader
from github_app.links import GitHubLink, Keys, SourceLinks, judges
from github_app.measured import MeasuredRounds
from github_app.metrics import Metrics
from github_app.outcome import Applied, Trouble
from github_app.rendered.renders import Renders
from github_app.rendered.work_trees import WorkTrees
from github_app.rounds import Place
from github_app.settings import Settings
from github_app.source_commits.reading import SourceHistories
from github_app.surroundings import Surroundings
from github_app.tidying import Tidying
from github_app.warehouse.discover import SourceDiscovery
from github_app.warehouse.disk_index.background import PATIENCE, InBackground
from github_app.warehouse.disk_index.sums_file import SumsFile
from github_app.warehouse.memory import Freshness
from github_app.warehouse.registry_session import registry_session
from github_app.worker import Worker
from github_app.worker_thread import WorkerThread
from github_app.wsgi_server import Server
from plugin.errors import Refusal
from plugin.settings import GITHUB_URL

log = logging.getLogger(__name__)


class App:
    """The running App: a web server that accepts deliveries and a worker that acts on them."""

    def __init__(self, settings: Settings, around: Surroundings) -> None:
        """Connect everything; raises Refusal (settings, GitHub's answer) and Temporary."""
        _make(settings.data)
        self._link = GitHubLink.open(settings, around, settings.data / "mirrors")
        self.calls = self._link.calls
        self.inbox = SqliteInbox.open(settings.data / FILE)
        self.metrics = Metrics()
        self.metrics.watch_inbox(self.inbox.counts)
        self.metrics.watch_calls(self.calls.calls)
        self._sources = _sources(settings, around)
        self.worker = _worker(self._link, self._sources, self.inbox, self.metrics, settings, around)
        self._thread = WorkerThread(self.worker, around.clock)
        _warn(settings.senders.doubts())
        parts = self._parts(settings, around)
        self.server = Server(create_app(parts), settings.listen.host, settings.listen.port)

    def _parts(self, settings: Settings, around: Surroundings) -> Parts:
        return Parts(
            inbox=self.inbox,
            identity=self._link.forge.us,
            secrets=settings.senders.secrets,
            tokens=judges(settings.senders, around.clock),
            home=settings.github.issuer,
            metrics=self.metrics,
            clock=around.clock,
            new_id=around.new_id,
            wake=self._thread.wake,
            readiness={
                "inbox": self.inbox.writable,
                "worker": self._thread.alive,
                "swept": lambda: self.worker.swept,
            },
        )

    def start(self) -> None:
        """Start the worker; the server is the caller's to serve, in a thread or until a signal."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the unit of work under way, then let go of everything."""
        self._thread.stop()
        self._sources.close()
        self.inbox.close()
        self._link.close()

    def busy(self) -> bool:
        """Whether deliveries wait or are being worked on."""
        counts = self.inbox.counts()
        return bool(counts.get(State.PENDING, 0) or counts.get(State.LEASED, 0))


def _warn(doubts: tuple[str, ...]) -> None:
    for doubt in doubts:
        log.warning("%s", doubt)


def _make(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(
            f"{data} cannot be made: {error.strerror}; "
            "name a directory you may write to in TOWLINE_DATA"
        ) from None


def _sources(settings: Settings, around: Surroundings) -> SourceLinks:
    # Every sweep reads every tag list once: what was read is fresh for a little less.
    freshness = Freshness(tags=settings.sweep * 0.9)
    checksums = partial(
        InBackground,
        kept=SumsFile(settings.data / "checksums.json"),
        patience=max(PATIENCE, settings.sweep * 3),
    )
    watched = settings.data / "watched"
    return SourceLinks.open(settings.sources, around, watched, freshness, checksums)


def _worker(
    link: GitHubLink,
    links: SourceLinks,
    inbox: SqliteInbox,
    metrics: Metrics,
    settings: Settings,
    around: Surroundings,
) -> Worker:
    def keys(place: Place) -> Keys:
        return lambda name: link.key(place, worker.places, name)

    def registries(place: Place) -> SourceDiscovery:
        return links.seen_by(settings.github, keys(place), str(place.installation))

    def histories(place: Place) -> SourceHistories:
        return links.histories(settings.github, keys(place), str(place.installation))

    def neighbour(place: Place, name: str) -> Place | None:
        return worker.places.neighbour(place, name)

    rounds = MeasuredRounds(
        link.forge,
        registries,
        LineReader(),
        around.clock,
        lambda applied: _count(applied, metrics),
        metrics,
        time.monotonic,
        renders=_renders(link, settings, around),
        histories=histories,
        applications=_applications(settings, around),
        neighbour=neighbour,
    )
    tidying = Tidying(link.forge.tidy, links.mirrors.tidy)
    told, again = links.registry.told, Redelivery(link.forge.connections.app).again
    worker = Worker(
        inbox, rounds, link.forge, told, around.clock, settings.sweep, tidying, sent_again=again
    )
    return worker


def _applications(settings: Settings, around: Surroundings) -> ArgocdApi | None:
    if settings.argocd is None:
        return None
    session = registry_session(settings.sources.authorities)
    return ArgocdApi(settings.argocd, session, around.clock, settings.sources.insecure)


def _renders(link: GitHubLink, settings: Settings, around: Surroundings) -> Renders:
    mirror = link.forge.mirrors.of
    trees = WorkTrees(settings.data / "rendered", mirror)
    # Links in what is rendered lead to the GitHub that the App serves.
    environ = {**around.environ, GITHUB_URL: settings.github.url}
    return Renders(mirror, trees, environ, time.monotonic)


def _count(applied: Applied, metrics: Metrics) -> None:
    for event in applied.events:
        match event:
            case Trouble(blocked=True):
                metrics.action("merge", "blocked")
            case Trouble():
                metrics.action("write", "refused")
            case _:
                metrics.action(type(event).__name__.lower(), "applied")
