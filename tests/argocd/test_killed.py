"""The sidecar when something dies or hangs: an error, nothing left over, a next attempt."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.argocd.applications import Application
from tests.argocd.deploys import Deploy, Deploys
from tests.argocd.processes import Running, until
from tests.argocd.repo_server import Failed, Generated, RepoServer
from tests.argocd.watching import Sidecar, zombies
from tests.plugin.shop import DEPLOYMENT

# What Argo CD does with three failures in a row, for an hour.
# https://github.com/argoproj/argo-cd/blob/v3.2.11/reposerver/repository/repository.go
ATTEMPTS = 3


@pytest.fixture(scope="module")
def deploy(deploys: Deploys) -> Deploy:
    stages = ("leader", "child", "late", "tired")
    files = {
        f"stages/{name}/{file}": text
        for name in stages
        for file, text in (
            ("kustomization.yaml", "resources: [web.yaml]\n"),
            ("web.yaml", DEPLOYMENT),
        )
    }
    return deploys.repository("killed", files)


def failed(server: RepoServer, application: Application, timeout: int = 60) -> str:
    (answer,) = server.generate(application, timeout=timeout)
    assert isinstance(answer, Failed), answer
    return answer.text


def succeeds(server: RepoServer, application: Application, *, hard: bool = False) -> None:
    (answer,) = server.generate(application, hard=hard)
    assert isinstance(answer, Generated), answer
    assert [one["metadata"]["name"] for one in answer.objects] == ["web"]


def nothing_left(server: RepoServer) -> None:
    until(lambda: not server.plugin_processes() and not zombies(), "all to be gone", seconds=20)


def leaders(server: RepoServer) -> list[Running]:
    return [one for one in server.plugin_processes() if "towline-plugin" in " ".join(one.command)]


def children(server: RepoServer) -> list[Running]:
    return [one for one in server.plugin_processes() if one.command[0] == "/bin/sleep"]


def after(
    server: RepoServer, application: Application, found: Callable[[RepoServer], list[Running]]
) -> str:
    """The error, when what is found is killed while the Application is rendered."""
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(failed, server, application)
        until(lambda: leaders(server) and children(server), "kustomize to run")
        for one in found(server):
            one.kill()
        return answer.result()


@pytest.mark.parametrize(
    ("stage", "found", "said"),
    [
        ("leader", leaders, r"`towline-plugin generate` failed signal: killed$"),
        ("child", children, "stages/child: kustomize"),
    ],
    ids=["the plugin", "kustomize"],
)
def test_what_is_killed_is_told_and_leaves_nothing(
    towline: RepoServer,
    deploy: Deploy,
    sidecar: Sidecar,
    stage: str,
    found: Callable[[RepoServer], list[Running]],
    said: str,
) -> None:
    application = deploy.application(f"stages/{stage}")
    with sidecar.hanging():
        text = after(towline, application, found)
    assert re.search(said, text)
    nothing_left(towline)
    succeeds(towline, application)


def test_a_caller_that_gives_up_leaves_nothing(
    towline: RepoServer, deploy: Deploy, sidecar: Sidecar
) -> None:
    application = deploy.application("stages/late")
    with sidecar.hanging():
        text = failed(towline, application, timeout=5)
        assert re.search("failed signal: (killed|terminated)$", text)
        nothing_left(towline)
    succeeds(towline, application)


def test_failures_are_remembered_until_a_hard_refresh(
    towline: RepoServer, deploy: Deploy, sidecar: Sidecar
) -> None:
    application = deploy.application("stages/tired")
    with sidecar.failing():
        for _ in range(ATTEMPTS):
            text = failed(towline, application)
            assert "stages/tired: kustomize refused: the machine is tired" in text
            assert "cached" not in text
    sidecar.runs()
    text = failed(towline, application)
    assert text.startswith("Manifest generation error (cached)")
    assert "the machine is tired" in text
    assert sidecar.runs() == []
    succeeds(towline, application, hard=True)
    succeeds(towline, application)
