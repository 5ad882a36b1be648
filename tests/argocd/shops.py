"""Repositories with one stage, of which the plugin `cat-v1` prints a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from github_app.sandbox.stand_in import StandIn
from github_app.wsgi_server import Server
from tests.argocd.applications import Application, Credentials, Plugin
from tests.github.git_server import git
from tests.story.registries import Clock, key_pair

NAME = "acme/shop"
STAGE = "stages/dev"
FILE = "manifest.yaml"
MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: shop}}
data: {{version: v{version}}}
"""


def manifest(version: int) -> str:
    """A ConfigMap in YAML."""
    return MANIFEST.format(version=version)


@dataclass(frozen=True, slots=True)
class Shop:
    """A work tree, used as the remote repository."""

    work: Path

    @classmethod
    def found(cls, work: Path) -> Shop:
        """The repository with version 1."""
        git(work, "init", "--quiet", "--initial-branch=main")
        shop = cls(work)
        shop.commit(manifest(1))
        return shop

    def commit(self, text: str) -> str:
        """The id of a new commit with this text as the stage's manifest."""
        file = self.work / STAGE / FILE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        git(self.work, "add", ".")
        git(self.work, "commit", "--quiet", "--message", "Change the stage")
        return self.tip()

    def tip(self) -> str:
        """Where main is."""
        return git(self.work, "rev-parse", "main")

    def application(self, name: str, file: str = FILE) -> Application:
        """The stage as an Application, in a namespace of its own."""
        return _application(f"file://{self.work}", name, file)


@dataclass(frozen=True, slots=True)
class PrivateShop:
    """A private repository on the GitHub stand-in, with one person who may read it over HTTP."""

    stand_in: StandIn
    reader: Credentials

    def commit(self, text: str) -> str:
        """The id of a new commit with this text as the stage's manifest; it is not yet told."""
        return self.stand_in.commit(NAME, "main", {f"{STAGE}/{FILE}": text}, "Change it", "ann")

    def tip(self) -> str:
        """Where main is."""
        return self.stand_in.branches(NAME)["main"]

    def application(self, name: str, credentials: Credentials | None) -> Application:
        """The stage as an Application, in a namespace of its own."""
        found = _application(f"{self.stand_in.url}/{NAME}.git", name, FILE)
        return replace(found, credentials=credentials)

    def hook(self, url: str, secret: str) -> None:
        """Have pushes told to this address, when `stand_in.deliver` is called."""
        self.stand_in.register_app(
            "told", public_key=key_pair()[1], webhook_url=url, webhook_secret=secret
        )
        self.stand_in.install("told", "acme", ["shop"])


@contextmanager
def private_shop(directory: Path) -> Iterator[PrivateShop]:
    """The private repository, served with version 1."""
    stand_in = StandIn(directory, clock=Clock(), random=Random(7))
    with Server(stand_in.wsgi, "127.0.0.1", 0) as server:
        stand_in.url = server.url
        stand_in.create_organization("acme")
        stand_in.create_repository("acme", "shop", {f"{STAGE}/{FILE}": manifest(1)}, private=True)
        tokens = {name: stand_in.create_user(name) for name in ("ann", "argo")}
        stand_in.add_collaborator(NAME, "ann", "admin")
        stand_in.add_collaborator(NAME, "argo", "read")
        yield PrivateShop(stand_in, Credentials("x-access-token", tokens["argo"]))
    stand_in.stop()


def _application(url: str, name: str, file: str) -> Application:
    return Application(url, STAGE, Plugin("cat-v1", {"FILE": file}), name=name, namespace=name)
