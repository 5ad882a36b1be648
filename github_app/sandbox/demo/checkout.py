"""A checkout of the demo's repository over HTTP, and what its stages render to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from github_app.github.mirror.git import Access, Git
from github_app.sandbox.demo.gitops import PERSON, WAREHOUSE, Scenario, directory_of
from github_app.sandbox.demo.pinned import with_pins
from plugin.artifact import Reference
from plugin.errors import Refusal
from plugin.render import Renderer
from plugin.sidecar.application import render

_BRANCH = "main"
_FETCHED = "+refs/heads/*:refs/remotes/origin/*"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The image in a stage's manifests, whole and its digest ('' where it has none).

    `equals_pinned` says that pins in the stage's files would give the same bytes; None where they
    are there.
    """

    image: str
    digest: str
    equals_pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working copy at `root`, as a person who may read the repository has it."""

    root: Path
    git: Git
    access: Access
    renderer: Renderer

    @classmethod
    def clone(cls, root: Path, git: Git, access: Access, renderer: Renderer) -> Checkout:
        """A new working copy; `git` works in the repository `root/.git`."""
        git.directory.mkdir(parents=True)
        made = cls(root, git, access, renderer)
        made.run("init", "--quiet", f"--initial-branch={_BRANCH}")
        for name, value in made.settings():
            made.run("config", name, value)
        return made

    def settings(self) -> Iterator[tuple[str, str]]:
        """What lets a person pull, commit and push here when the story is over."""
        yield "core.bare", "false"
        # Loopback is not reached through whatever proxy the person's terminal names.
        yield "http.proxy", ""
        yield (
            "remote.origin.url",
            self.access.url.replace("://", f"://{PERSON}:{self.access.token}@"),
        )
        yield "remote.origin.fetch", _FETCHED
        yield f"branch.{_BRANCH}.remote", "origin"
        yield f"branch.{_BRANCH}.merge", f"refs/heads/{_BRANCH}"
        yield "user.name", PERSON.capitalize()
        yield "user.email", f"{PERSON}@users.noreply.localhost"

    def at(self, commit: str) -> None:
        """Fetch, and check out this commit of the default branch."""
        self.run("fetch", "--quiet", self.access.url, _FETCHED, access=self.access)
        self.run("--work-tree", str(self.root), "checkout", "--quiet", "-B", _BRANCH, commit)

    def rendered(self, stage: str, scenario: Scenario = Scenario.PINS) -> Rendered:
        """What the plugin makes of a stage's image here; raises Refusal if it makes none.

        Where it applies a record, it renders a second time what pins would have given.
        """
        manifests = render(self.root, directory_of(stage), self.renderer)
        image = _image(manifests)
        if image is None:
            raise Refusal(f"{stage}: no container '{WAREHOUSE}' is in the rendered manifests")
        equal: bool | None = None
        if scenario is Scenario.RECORD:
            with with_pins(self.root, stage) as copy:
                equal = render(copy, directory_of(stage), self.renderer) == manifests
        return Rendered(image, Reference.parse(image).digest or "", equal)

    def run(self, *arguments: str, access: Access | None = None) -> None:
        """Run git here; raises Refusal with its complaint."""
        ran = self.git.run(*arguments, access=access)
        if ran.status != 0:
            raise Refusal(f"git {' '.join(arguments)} failed in {self.root}: {ran.complaint}")


def _image(manifests: bytes) -> str | None:
    """The image of the one container that runs what the demo pushes."""
    documents: list[Any] = list(yaml.safe_load_all(manifests))
    found = [
        container["image"]
        for one in documents
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
        if container["name"] == WAREHOUSE
    ]
    return str(found[0]) if found else None
