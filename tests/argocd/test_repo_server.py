"""The harness itself: a trivial plugin renders through the real repo-server and cmp-server."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.argocd.conftest import short_directory
from tests.argocd.processes import until
from tests.argocd.programs import PATH
from tests.argocd.repo_server import Announced, Failed, Generated, RepoServer
from tests.argocd.shops import FILE, Shop, private_shop

SLEEP = """\
kind: ConfigManagementPlugin
metadata: {name: sleep}
spec: {generate: {command: [sleep, "300"]}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop.found(tmp_path)


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
    repo_server: RepoServer, tmp_path: Path
) -> None:
    with private_shop(tmp_path) as shop:
        # The stranger asks first: what the repo-server has fetched it hands to everybody.
        (refused,) = repo_server.generate(shop.application("stranger", None))
        assert isinstance(refused, Failed)
        (allowed,) = repo_server.generate(shop.application("reader", shop.reader))
        assert isinstance(allowed, Generated), allowed
        assert allowed.revision == shop.tip()


def test_a_caller_that_gives_up_ends_the_plugin(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "plugin.yaml").write_text(SLEEP, encoding="utf-8")
    application = shop.application("slow")
    assert application.plugin is not None
    sleeping = replace(application, plugin=replace(application.plugin, name="sleep"))
    with short_directory() as root, RepoServer.start(root, tmp_path, PATH) as server:
        (answer,) = server.generate(sleeping, timeout=4)
        assert isinstance(answer, Failed)
        assert re.search("`sleep 300` failed signal: (killed|terminated)$", answer.text)
        until(lambda: not server.plugin_processes(), "the plugin to be gone")
        assert server.processes.directory == root
    assert not root.exists()
