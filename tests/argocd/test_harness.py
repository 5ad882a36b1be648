"""The harness itself: a trivial plugin renders through the real Argo CD."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.argocd.api import CONFIG_MAP
from tests.argocd.applications import Application, Plugin
from tests.argocd.cluster import Cluster
from tests.argocd.processes import until
from tests.argocd.repo_server import PATH, Announced, Failed, Generated, RepoServer
from tests.github.git_server import git

CAT = """
    apiVersion: argoproj.io/v1alpha1
    kind: ConfigManagementPlugin
    metadata: {name: cat}
    spec:
      version: v1
      generate: {command: [sh, -c], args: ["cat $ARGOCD_ENV_FILE"]}
      parameters:
        static:
          - {name: stage, title: Stage, string: dev}
"""
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata: {version: '1'}\n"


@pytest.fixture(scope="module")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plugin that prints a file named by its environment."""
    directory = tmp_path_factory.mktemp("cat")
    (directory / "plugin.yaml").write_text(textwrap.dedent(CAT), encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one stage."""
    work = tmp_path_factory.mktemp("shop")
    (work / "stages" / "dev").mkdir(parents=True)
    (work / "stages" / "dev" / "manifest.yaml").write_text(MANIFEST, encoding="utf-8")
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message", "Found the shop")
    return work


@pytest.fixture(scope="module")
def repo_server(short_directory: Path, cat: Path) -> Iterator[RepoServer]:
    with RepoServer.start(short_directory, cat, PATH) as server:
        yield server


def application(shop: Path, file: str = "manifest.yaml", name: str = "shop") -> Application:
    plugin = Plugin("cat-v1", {"FILE": file})
    return Application(f"file://{shop}", "stages/dev", plugin, name=name)


def test_the_repo_server_renders_through_the_plugin(repo_server: RepoServer, shop: Path) -> None:
    (answer,) = repo_server.generate(application(shop))
    assert isinstance(answer, Generated), answer
    assert answer.objects == [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "shop"},
            "data": {"version": "1"},
        }
    ]
    assert answer.revision == git(shop, "rev-parse", "main")
    assert answer.source_type == "Plugin"


def test_what_the_plugin_says_is_what_argo_cd_shows(repo_server: RepoServer, shop: Path) -> None:
    (answer,) = repo_server.generate(application(shop, "missing.yaml"))
    assert isinstance(answer, Failed)
    assert "missing.yaml: No such file or directory" in answer.text


def test_parameters_are_announced(repo_server: RepoServer, shop: Path) -> None:
    (answer,) = repo_server.announce(application(shop))
    assert answer == Announced(({"name": "stage", "title": "Stage", "string": "dev"},))


def test_many_at_once_are_answered_in_order(repo_server: RepoServer, shop: Path) -> None:
    many = [application(shop, name=f"shop-{number}") for number in range(20)]
    answers = repo_server.generate(*many, hard=True)
    assert [type(answer) for answer in answers] == [Generated] * 20
    assert repo_server.plugin_processes() == []


@pytest.fixture(scope="module")
def cluster(short_directory: Path, repo_server: RepoServer) -> Iterator[Cluster]:
    directory = short_directory / "cluster"
    directory.mkdir()
    with Cluster.start(directory) as cluster:
        cluster.run_controller(repo_server)
        yield cluster


def version(cluster: Cluster) -> object:
    found = cluster.api.get(CONFIG_MAP, "shop", "shop")
    return found and found["data"]["version"]


def test_an_application_is_synced_into_the_cluster(cluster: Cluster, shop: Path) -> None:
    cluster.create(replace(application(shop), namespace="shop"))
    first = git(shop, "rev-parse", "main")
    synced = cluster.synced("shop", first)
    assert version(cluster) == "1"
    assert [one["kind"] for one in synced["status"]["resources"]] == ["ConfigMap"]

    (shop / "stages" / "dev" / "manifest.yaml").write_text(MANIFEST.replace("'1'", "'2'"))
    git(shop, "commit", "--quiet", "--all", "--message", "Take version 2")
    cluster.refresh("shop")
    cluster.synced("shop", git(shop, "rev-parse", "main"))
    assert version(cluster) == "2"


def test_a_failing_plugin_is_shown_as_a_condition(cluster: Cluster, shop: Path) -> None:
    cluster.create(application(shop, "missing.yaml", "broken"))
    (condition,) = until(lambda: cluster.conditions("broken"), "a condition")
    assert "missing.yaml: No such file or directory" in condition
