"""A repository with one stage, of which the plugin `cat-v1` prints a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.argocd.applications import Application, Plugin
from tests.github.git_server import git

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
        plugin = Plugin("cat-v1", {"FILE": file})
        return Application(f"file://{self.work}", STAGE, plugin, name=name, namespace=name)
