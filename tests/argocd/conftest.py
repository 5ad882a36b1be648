"""The real Argo CD that the tests share: a repo-server, a cluster, a plugin that prints files."""

from __future__ import annotations

import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.argocd.cluster import Cluster
from tests.argocd.controllers import ArgoCd
from tests.argocd.deploys import Deploys, deploys_at
from tests.argocd.programs import PATH, program
from tests.argocd.repo_server import RepoServer
from tests.argocd.watching import Sidecar
from tests.plugin.shop import ROOT

CAT = """
    apiVersion: argoproj.io/v1alpha1
    kind: ConfigManagementPlugin
    metadata: {name: cat}
    spec:
      version: v1
      generate: {command: [sh, -c], args: ['cat "$ARGOCD_ENV_FILE"']}
      parameters:
        static:
          - {name: stage, title: Stage, string: dev}
"""
# What manifests/README.md advises.
SENDING = {
    "ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS": ".git",
    "ARGOCD_REPO_SERVER_PLUGIN_USE_MANIFEST_GENERATE_PATHS": "true",
    "ARGOCD_CMP_CHUNK_SIZE": "65536",
}


@contextmanager
def short_directory() -> Iterator[Path]:
    """An empty directory whose path leaves room for a socket's name (108 bytes in all)."""
    directory = Path(tempfile.mkdtemp(prefix="argo-", dir="/tmp"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a plugin, `cat-v1`, that prints the file which its environment names."""
    directory = tmp_path_factory.mktemp("cat")
    (directory / "plugin.yaml").write_text(textwrap.dedent(CAT), encoding="utf-8")
    return directory


@pytest.fixture(scope="session")
def repo_server(cat: Path) -> Iterator[RepoServer]:
    """A repo-server with the plugin `cat-v1`; a test may run other plugins beside it."""
    with short_directory() as root, RepoServer.start(root, cat, PATH) as server:
        yield server


@pytest.fixture(scope="session")
def deploys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploys]:
    """The GitHub stand-in, for repositories of stages."""
    with deploys_at(tmp_path_factory.mktemp("deploys")) as deploys:
        yield deploys


@pytest.fixture(scope="session")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Sidecar:
    """The real plugin; it tells what it starts."""
    return Sidecar.installed(tmp_path_factory.mktemp("image") / "opt", program("kustomize"))


@pytest.fixture(scope="session")
def towline(deploys: Deploys, sidecar: Sidecar) -> Iterator[RepoServer]:
    """A repo-server with the plugin, set up as `manifests/README.md` says."""
    path = str(sidecar.script.parent)
    own = sidecar.environment(deploys.stand_in.url)
    with (
        short_directory() as root,
        RepoServer.start(
            root, ROOT / "plugin", path, plugin_environment=own, environment=SENDING
        ) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """An API server with Argo CD's objects and KubeVirt's kinds."""
    with short_directory() as root, Cluster(root) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def argo(cluster: Cluster, repo_server: RepoServer) -> Iterator[ArgoCd]:
    """Argo CD on that cluster, rendering through that repo-server."""
    with ArgoCd(cluster, repo_server) as argo:
        yield argo
