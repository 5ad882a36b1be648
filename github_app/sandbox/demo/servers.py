"""The demo's three servers: the GitHub stand-in, the registry and the real App, on loopback."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from flask import request

from github_app import gates, logs
from github_app.github.mirror.git import Access
from github_app.sandbox.demo.gitops import (
    NAME,
    OWNER,
    PERSON,
    REPOSITORY,
    Scenario,
    files,
    image_at,
)
from github_app.sandbox.demo.journal import Journal
from github_app.sandbox.demo.place import LOG
from github_app.sandbox.demo.pulls import Pulls
from github_app.sandbox.latency import Latency
from github_app.sandbox.pages import pages
from github_app.sandbox.registry import Notify, RunningRegistry, registry
from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Protection, RequiredCheck
from github_app.settings import Settings
from github_app.surroundings import Surroundings
from github_app.wsgi import App
from github_app.wsgi_server import Server
from plugin.artifact import Repository

SLUG = "towline"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Plot:
    """Where the demo runs: an empty directory, the registry's program, the pages' port (0: any).

    `latency` is the stand-in's, in its APIs and in Git; `between_writes` is the App's own pace (a
    real GitHub asks for a second). Without `notify` the registry tells nobody of pushes.
    """

    directory: Path
    registry: Path
    port: int = 0
    latency: Latency | None = None
    between_writes: timedelta = timedelta(0)
    notify: bool = True
    scenario: Scenario = Scenario.PINS

    @property
    def log(self) -> Path:
        """The App's log."""
        return self.directory / LOG


@dataclass(frozen=True, slots=True)
class Servers:
    """Everything that runs, and who `PERSON` is there."""

    stand_in: StandIn
    registry: RunningRegistry
    app: App
    journal: Journal
    token: str
    registry_secret: str
    post_secret: str

    @property
    def image(self) -> Repository:
        """What the warehouse subscribes to."""
        return image_at(self.registry.host)

    @property
    def git(self) -> Access:
        """The repository as `PERSON` fetches it."""
        return Access(f"{self.stand_in.url}/{REPOSITORY}.git", self.token)

    def pull(self, number: int) -> str:
        """The address of a pull request's page."""
        return f"{self.stand_in.url}/{REPOSITORY}/pull/{number}"

    def settled(self) -> bool:
        """Whether every webhook has been sent and the App has nothing left to do."""
        sent = all(one.delivered_at for one in self.stand_in.deliveries(SLUG))
        return sent and self.app.worker.swept and not self.app.busy()


@contextmanager
def running(plot: Plot, around: Surroundings) -> Iterator[Servers]:
    """The servers, stopped with the block: the App first, that it may finish what it began.

    Raises Refusal when one of them does not start.
    """
    with ExitStack() as stack:
        stand_in, journal, token = _github(plot, around, stack)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        hook, bearer, posting = (around.new_id() for _ in range(3))
        port = stack.enter_context(socket.socket())
        # Bound but not yet listening, so that nobody takes the port before the App has it.
        port.bind((_LOOPBACK, 0))
        listen = f"{_LOOPBACK}:{port.getsockname()[1]}"
        notify = Notify(f"http://{listen}/webhooks/distribution", bearer) if plot.notify else None
        images = registry(plot.registry, plot.directory / "registry", notify=notify)
        running_registry = stack.enter_context(images)
        repository = files(image_at(running_registry.host), plot.scenario)
        _found(stand_in, repository, listen, _public(key), hook)
        settings = Settings.from_env(
            {
                "TOWLINE_APP_ID": str(stand_in.apps()[0].id),
                "TOWLINE_PRIVATE_KEY": _private(key),
                "TOWLINE_WEBHOOK_SECRET": hook,
                "TOWLINE_REGISTRY_SECRET": bearer,
                "TOWLINE_POST_SECRET": posting,
                "TOWLINE_GITHUB_URL": stand_in.url,
                "TOWLINE_DATA": str(plot.directory / "app"),
                "TOWLINE_LISTEN": listen,
            }
        )
        stack.enter_context(_log_file(plot.log, settings))
        port.close()
        app = _app(settings, replace(around, between_writes=plot.between_writes), stack)
        stand_in.start_sending()
        stack.callback(stand_in.stop)
        yield Servers(stand_in, running_registry, app, journal, token, bearer, posting)


def _github(plot: Plot, around: Surroundings, stack: ExitStack) -> tuple[StandIn, Journal, str]:
    """The stand-in with nobody in it but one person, served."""
    stand_in = StandIn(
        plot.directory / "github",
        clock=around.clock,
        random=Random(around.new_id()),  # noqa: S311 seeded by the composition root's randomness
        blueprints=(pages,),
        latency=plot.latency,
    )
    stand_in.create_organization(OWNER)
    token = stand_in.create_user(PERSON, name="Alice")
    people = frozenset({token})
    journal = Journal(stand_in.wsgi, Pulls(stand_in).standing, around.clock, people)
    if plot.latency is not None:
        stand_in.wsgi.before_request(_git_waits(plot.latency))
    server = stack.enter_context(Server(stand_in.wsgi, _LOOPBACK, plot.port))
    stand_in.url = server.url
    return stand_in, journal, token


def _git_waits(latency: Latency) -> Callable[[], None]:
    """The APIs wait by themselves, Git does not."""

    def wait() -> None:
        if ".git/" in request.path:
            latency.wait(writes=False)

    return wait


def _found(
    stand_in: StandIn, repository: Mapping[str, str], listen: str, public_key: str, hook: str
) -> None:
    """The repository, and the App registered and installed there."""
    stand_in.create_repository(OWNER, NAME, repository)
    stand_in.add_collaborator(REPOSITORY, PERSON, "write")
    app = stand_in.register_app(
        SLUG,
        public_key=public_key,
        webhook_url=f"http://{listen}/webhooks/github",
        webhook_secret=hook,
    )
    stand_in.install(SLUG, OWNER, [NAME])
    required = (RequiredCheck(gates.NAME, app.id),)
    stand_in.protect(REPOSITORY, "main", Protection(required_checks=required))


def _app(settings: Settings, around: Surroundings, stack: ExitStack) -> App:
    """The App, serving and working."""
    app = App(settings, around)
    app.start()
    stack.callback(app.stop)
    stack.enter_context(app.server)
    return app


@contextmanager
def _log_file(path: Path, settings: Settings) -> Iterator[None]:
    """Every logger writes to the file, and to where it wrote before once the block ends."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    with path.open("w", encoding="utf-8") as stream:
        logs.configure(settings.log_level, stream, logs.Redaction(settings.secrets()))
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)


def _private(key: RSAPrivateKey) -> str:
    form = PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode("ascii")


def _public(key: RSAPrivateKey) -> str:
    form = PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(Encoding.PEM, form).decode("ascii")
