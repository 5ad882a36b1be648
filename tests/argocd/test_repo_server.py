"""The harness itself: a trivial plugin renders through the real repo-server and cmp-server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from github_app.sandbox.stand_in import StandIn
from github_app.wsgi_server import Server
from tests.argocd.applications import Application, Credentials
from tests.argocd.conftest import short_directory
from tests.argocd.processes import until
from tests.argocd.repo_server import PATH, Announced, Failed, Generated, RepoServer
from tests.argocd.shops import FILE, STAGE, Shop, manifest
from tests.story.registries import Clock

SLEEP = """\
kind: ConfigManagementPlugin
metadata: {name: sleep}
spec: {generate: {command: [sleep, "300"]}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop.found(tmp_path)


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Application]:
    """An Application of a private repository on the GitHub stand-in, without credentials."""
    clock = Clock()
    stand_in = StandIn(tmp_path, clock=clock, random=Random(7))
    with Server(stand_in.wsgi, "127.0.0.1", 0) as server:
        stand_in.url = server.url
        stand_in.create_organization("acme")
        stand_in.create_repository("acme", "shop", {f"{STAGE}/{FILE}": manifest(1)}, private=True)
        token = stand_in.create_user("argo")
        stand_in.add_collaborator("acme/shop", "argo", "read")
        credentials = Credentials("x-access-token", token)
        shop = Shop(tmp_path).application("private")
        yield replace(shop, repo_url=f"{server.url}/acme/shop.git", credentials=credentials)
    stand_in.stop()


def test_the_repo_server_renders_through_the_plugin(repo_server: RepoServer, shop: Shop) -> None:
    (answer,) = repo_server.generate(shop.application("one"))
    assert isinstance(answer, Generated), answer
    (rendered,) = answer.objects
    assert (rendered["metadata"], rendered["data"]) == ({"name": "shop"}, {"version": "v1"})
    assert (answer.revision, answer.source_type) == (shop.tip(), "Plugin")


def test_what_the_plugin_says_is_what_argo_cd_shows(repo_server: RepoServer, shop: Shop) -> None:
    (answer,) = repo_server.generate(shop.application("one", "missing.yaml"))
    assert isinstance(answer, Failed)
    assert "missing.yaml: No such file or directory" in answer.text


def test_parameters_are_announced(repo_server: RepoServer, shop: Shop) -> None:
    (answer,) = repo_server.announce(shop.application("one"))
    assert answer == Announced(({"name": "stage", "title": "Stage", "string": "dev"},))


def test_many_at_once_are_answered_in_order(repo_server: RepoServer, shop: Shop) -> None:
    files = [FILE, "missing.yaml"] * 20
    many = [shop.application(f"many-{number}", file) for number, file in enumerate(files)]
    answers = repo_server.generate(*many, hard=True)
    assert [type(answer) for answer in answers] == [Generated, Failed] * 20
    assert repo_server.plugin_processes() == []


def test_a_private_repository_is_read_with_credentials(
    repo_server: RepoServer, private: Application
) -> None:
    # The stranger asks first: what the repo-server has fetched it hands to everybody.
    (refused,) = repo_server.generate(replace(private, name="stranger", credentials=None))
    assert isinstance(refused, Failed)
    (allowed,) = repo_server.generate(private)
    assert isinstance(allowed, Generated), allowed


def test_a_caller_that_gives_up_ends_the_plugin(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "plugin.yaml").write_text(SLEEP, encoding="utf-8")
    application = shop.application("slow")
    assert application.plugin is not None
    sleeping = replace(application, plugin=replace(application.plugin, name="sleep"))
    with short_directory() as root, RepoServer.start(root, tmp_path, PATH) as server:
        (answer,) = server.generate(sleeping, timeout=2)
        assert isinstance(answer, Failed)
        assert answer.text.endswith("`sleep 300` failed signal: killed")
        until(lambda: not server.plugin_processes(), "the plugin to be gone")
        assert server.processes.directory == root
    assert not root.exists()
