"""Repositories of stages on the GitHub stand-in, as Applications and people see them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

from github_app.sandbox.stand_in import StandIn
from github_app.wsgi_server import Server
from plugin.record import Record, record_path, write_record
from tests.argocd.applications import Application, Credentials, Plugin
from tests.argocd.programs import program
from tests.github.git_server import git
from tests.plugin.shop import ROOT, write
from tests.story.registries import Clock

Object = dict[str, Any]

OWNER, PERSON, READER = "acme", "ann", "argo"
PLUGIN = "towline-v1"


@dataclass(frozen=True, slots=True)
class Deploy:
    """A private repository; Argo CD reads it over HTTP with credentials."""

    stand_in: StandIn
    name: str
    reader: Credentials
    directory: Path

    @property
    def url(self) -> str:
        """What Applications name."""
        return f"{self.stand_in.url}/{self.name}.git"

    def commit(self, files: Mapping[str, str | None], branch: str = "main") -> str:
        """The id of a new commit on a branch."""
        return self.stand_in.commit(self.name, branch, files, "Change it", PERSON)

    def branch(self, name: str, of: str) -> None:
        """A new branch at a commit."""
        git(self.checkout(of), "push", "--quiet", "origin", f"HEAD:refs/heads/{name}")

    def orphan(self, name: str, files: Mapping[str, str]) -> None:
        """A new branch with these files and no history."""
        place = self.checkout()
        git(place, "checkout", "--quiet", "--orphan", name)
        git(place, "rm", "--quiet", "-r", "--force", ".")
        write(place, dict(files))
        git(place, "add", ".")
        git(place, "commit", "--quiet", "--message", "Begin")
        git(place, "push", "--quiet", "origin", f"HEAD:refs/heads/{name}")

    def tip(self, branch: str = "main") -> str:
        """Where a branch is."""
        return self.stand_in.branches(self.name)[branch]

    def application(
        self,
        path: str,
        *,
        name: str = "",
        revision: str = "main",
        stage: str = "",
        parameters: Sequence[Object] = (),
        generate_paths: str = "",
    ) -> Application:
        """An Application of the sidecar; `stage` is what TOWLINE_STAGE says."""
        plugin = Plugin(PLUGIN, {"TOWLINE_STAGE": stage} if stage else {}, parameters)
        own = name or f"{self.name.partition('/')[2]}-{path.strip('./').replace('/', '-')}"
        return Application(
            self.url,
            path,
            plugin,
            name=own,
            revision=revision,
            namespace=own,
            generate_paths=generate_paths,
            credentials=self.reader,
        )

    def checkout(self, ref: str = "main") -> Path:
        """A new checkout, as a person clones it."""
        place = self.directory / f"{len(list(self.directory.iterdir()))}"
        who = f"{self.reader.username}:{self.reader.password}"
        address = self.url.replace("://", f"://{who}@")
        git(self.directory, "clone", "--quiet", address, str(place))
        git(place, "checkout", "--quiet", "--detach", f"origin/{ref}" if len(ref) < 40 else ref)
        return place

    def rendered(self, stage: str, ref: str = "main") -> list[Object]:
        """What `towline render STAGE` prints in a checkout of `ref`."""
        words = ["-m", "github_app.cli", "render", stage, "--path", str(self.checkout(ref))]
        return _printed(words, self.stand_in.url)

    def rendered_directory(self, directory: str, ref: str = "main") -> list[Object]:
        """What `towline-plugin render` prints for a stage that no pipeline file there names."""
        root = str(self.checkout(ref))
        words = ["-m", "plugin", "render", "--stage", directory, "--root", root]
        return _printed(words, self.stand_in.url)


def _printed(words: Sequence[str], github_url: str) -> list[Object]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TOWLINE_KUSTOMIZE": str(program("kustomize")),
        "TOWLINE_GITHUB_URL": github_url,
    }
    done = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return [one for one in yaml.safe_load_all(done.stdout) if one is not None]


@dataclass(frozen=True, slots=True)
class Deploys:
    """The stand-in with one person and one reader."""

    stand_in: StandIn
    reader: Credentials
    directory: Path

    def repository(self, name: str, files: Mapping[str, str]) -> Deploy:
        """A new private repository."""
        full = f"{OWNER}/{name}"
        self.stand_in.create_repository(OWNER, name, files, private=True)
        self.stand_in.add_collaborator(full, PERSON, "admin")
        self.stand_in.add_collaborator(full, READER, "write")
        place = self.directory / name
        place.mkdir()
        return Deploy(self.stand_in, full, self.reader, place)


@contextmanager
def deploys_at(directory: Path) -> Iterator[Deploys]:
    """The stand-in, served and empty."""
    stand_in = StandIn(directory / "github", clock=Clock(), random=Random(7))
    with Server(stand_in.wsgi, "127.0.0.1", 0) as server:
        stand_in.url = server.url
        stand_in.create_organization(OWNER)
        token = {name: stand_in.create_user(name) for name in (PERSON, READER)}[READER]
        (directory / "checkouts").mkdir()
        yield Deploys(stand_in, Credentials("x-access-token", token), directory / "checkouts")
    stand_in.stop()


def files_of(directory: Path) -> dict[str, str]:
    """The files below a directory as texts."""
    return {
        str(path.relative_to(directory)): path.read_text(encoding="utf-8")
        for path in directory.rglob("*")
        if path.is_file()
    }


def texts(*stages: tuple[str, Sequence[Record]]) -> dict[str, str]:
    """The files of records in stages' directories."""
    return {
        record_path(directory, one.freight.warehouse): write_record(one)
        for directory, records in stages
        for one in records
    }
