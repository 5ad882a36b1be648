"""A GitHub stand-in and a registry for an App that is measured from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from github_app.cli import process_surroundings
from github_app.sandbox.demo.gitops import OWNER, files, image_at
from github_app.sandbox.images import Pusher, image
from github_app.sandbox.registry import registry
from github_app.sandbox.stand_in import StandIn
from github_app.sandbox.state import Protection
from github_app.settings import Settings
from github_app.surroundings import Surroundings
from github_app.wsgi import App
from github_app.wsgi_server import Server

_SLUG = "towline"


@dataclass(frozen=True, slots=True)
class World:
    """What an App needs to be told to work there; no webhook is ever sent."""

    environ: Mapping[str, str]

    def settings(self, data: Path) -> Settings:
        """An App's settings, its data in `data`."""
        return Settings.from_env(self.variables(data))

    def variables(self, data: Path, listen: str = "127.0.0.1:0") -> dict[str, str]:
        """The same as a process is told them."""
        return {**self.environ, "TOWLINE_DATA": str(data), "TOWLINE_LISTEN": listen}


@contextmanager
def world(tools: Path, work: Path, repositories: int) -> Iterator[World]:
    """So many repositories like the demo's, one version pushed, and nothing promoted yet."""
    around = process_surroundings()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    github = StandIn(work / "github", clock=around.clock, random=Random(1))  # noqa: S311 a seed
    with ExitStack() as stack:
        images = stack.enter_context(registry(tools / "registry", work / "registry"))
        github.url = stack.enter_context(Server(github.wsgi, "127.0.0.1", 0)).url
        place = image_at(images.host)
        Pusher(images.url).push_image(place.path, "1.0.0", image({"version": b"1.0.0"}))
        github.create_organization(OWNER)
        names = [f"shop-{number}" for number in range(repositories)]
        for name in names:
            github.create_repository(OWNER, name, files(place))
            github.protect(f"{OWNER}/{name}", "main", Protection())
        github.register_app(_SLUG, public_key=public.decode())
        github.install(_SLUG, OWNER, names)
        yield World(
            {
                "TOWLINE_APP_ID": str(github.apps()[0].id),
                "TOWLINE_PRIVATE_KEY": private.decode(),
                "TOWLINE_WEBHOOK_SECRET": "the secret of the hook",
                "TOWLINE_REGISTRY_SECRET": "the secret of the registry",
                "TOWLINE_GITHUB_URL": github.url,
            }
        )


@contextmanager
def stepped(at: World, data: Path, around: Surroundings) -> Iterator[App]:
    """An App that nobody started: its worker is stepped by hand."""
    app = App(at.settings(data), around)
    try:
        yield app
    finally:
        app.stop()
