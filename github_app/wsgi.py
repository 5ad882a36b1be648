"""The composition root of the App: settings -> the running whole."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from datetime import UTC, datetime

import requests

from github_app.app import Parts, create_app
from github_app.github.auth import AppKey, identity
from github_app.github.calls import CallCounter
from github_app.github.connections import Connections
from github_app.github.forge import GitHubForge
from github_app.github.host import Host
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.transport import Pace, Wire
from github_app.inbox.ports import State
from github_app.inbox.sqlite import FILE, SqliteInbox
from github_app.lines import LineReader
from github_app.measured import MeasuredRounds
from github_app.metrics import Metrics
from github_app.outcome import Applied, Trouble
from github_app.settings import Settings
from github_app.surroundings import Surroundings
from github_app.warehouse.discover import RegistryDiscovery
from github_app.warehouse.docker_config import DockerLogins
from github_app.warehouse.memory import Freshness, RememberingRegistry
from github_app.warehouse.oci import OciRegistry
from github_app.warehouse.registry_http import RegistryHttp
from github_app.worker import Worker
from github_app.wsgi_server import Server

log = logging.getLogger(__name__)


def process_surroundings() -> Surroundings:
    """The real ones of this process."""
    return Surroundings(
        environ=dict(os.environ),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        new_id=lambda: uuid.uuid4().hex,
    )


class App:
    """The running App: a web server that accepts deliveries and a worker that acts on them."""

    def __init__(self, settings: Settings, around: Surroundings) -> None:
        """Connect everything; raises Refusal (settings, GitHub's answer) and Temporary."""
        settings.data.mkdir(parents=True, exist_ok=True)
        self.calls = CallCounter()
        host = Host(settings.github.web)
        pace = Pace(around.sleep, around.between_writes)
        key = AppKey(settings.app_id, settings.private_key.reveal(), around.clock)
        self.connections = Connections(Wire(host, around.clock, pace, self.calls), key)
        who = identity(self.connections.app)
        self.mirrors = Mirrors(settings.data / "mirrors", self.calls, around.environ)
        self.inbox = SqliteInbox.open(settings.data / FILE)
        registry = RememberingRegistry(
            _registry(settings, around), around.clock, Freshness(tags=settings.sweep * 0.9)
        )
        self.metrics = Metrics()
        self.metrics.watch_inbox(self.inbox.counts)
        self.metrics.watch_calls(self.calls.calls)
        forge = GitHubForge(host, self.connections, self.mirrors, who)
        rounds = MeasuredRounds(
            forge,
            RegistryDiscovery(registry),
            LineReader(),
            around.clock,
            self._count,
            self.metrics,
            time.monotonic,
        )
        self.worker = Worker(self.inbox, rounds, forge, registry.told, around.clock, settings.sweep)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._around = around
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        parts = Parts(
            inbox=self.inbox,
            identity=who,
            secrets={
                "github": settings.webhook_secrets,
                "distribution": settings.registry_secrets,
            },
            metrics=self.metrics,
            clock=around.clock,
            new_id=around.new_id,
            wake=self._wake.set,
            readiness={
                "inbox": self.inbox.writable,
                "worker": self._thread.is_alive,
                "swept": lambda: self.worker.swept,
            },
        )
        self.server = Server(create_app(parts), settings.listen.host, settings.listen.port)

    def start(self) -> None:
        """Start the worker; the server is the caller's to serve, in a thread or until a signal."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the unit of work under way, then let go of everything."""
        self._stop.set()
        self._wake.set()
        self._thread.join()
        self.inbox.close()
        self.mirrors.close()
        self.connections.close()

    def busy(self) -> bool:
        """Whether deliveries wait or are being worked on."""
        counts = self.inbox.counts()
        return bool(counts.get(State.PENDING, 0) or counts.get(State.LEASED, 0))

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                worked = self.worker.step()
            except Exception:
                # The worker must outlive whatever surprised it; the sweep repairs what was lost.
                log.exception("the worker stumbled")
                worked = False
            if not worked:
                left = (self.worker.idle_until() - self._around.clock()).total_seconds()
                self._wake.wait(min(max(left, 0.05), 30.0))

    def _count(self, applied: Applied) -> None:
        for event in applied.events:
            match event:
                case Trouble(blocked=True):
                    self.metrics.action("merge", "blocked")
                case Trouble():
                    self.metrics.action("write", "refused")
                case _:
                    self.metrics.action(type(event).__name__.lower(), "applied")


def _registry(settings: Settings, around: Surroundings) -> OciRegistry:
    logins = DockerLogins(around.docker_config())
    return OciRegistry(RegistryHttp(requests.Session(), logins, settings.insecure_registries))
