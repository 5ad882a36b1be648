"""The sidecar with many Applications: bounded work, remembered answers, only files it needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.argocd.applications import Application
from tests.argocd.deploys import Deploy, Deploys, texts
from tests.argocd.processes import until
from tests.argocd.repo_server import Failed, Generated, RepoServer
from tests.argocd.watching import Sidecar, builds, highest, zombies
from tests.plugin.shop import DEPLOYMENT, OLD, record

COUNT = 100
SLOTS = 2
NAMES = [f"app-{number:02}" for number in range(COUNT)]
STAGE = """\
resources: [../../base]
namePrefix: {name}-
"""


@pytest.fixture(scope="module")
def deploy(deploys: Deploys) -> Deploy:
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": DEPLOYMENT,
        "stages/alone/kustomization.yaml": "resources: [web.yaml]\n",
        "stages/alone/web.yaml": DEPLOYMENT.replace("ghcr.io/acme/web", str(OLD)),
    }
    for name in NAMES:
        files[f"stages/{name}/kustomization.yaml"] = STAGE.format(name=name)
    return deploys.repository("many", files | texts(("stages/alone", (record("alone"),))))


@pytest.fixture(scope="module")
def applications(deploy: Deploy) -> list[Application]:
    return [deploy.application(f"stages/{name}", name=name) for name in NAMES]


def generated(
    server: RepoServer, applications: list[Application], *, hard: bool = False
) -> list[Generated | Failed]:
    """All at once, after one has looked up where the branch is."""
    server.generate(applications[0])
    return server.generate(*applications, hard=hard, fresh=False, timeout=240)


def names(answers: list[Generated | Failed]) -> list[str]:
    assert [one for one in answers if isinstance(one, Failed)] == []
    return [one.objects[0]["metadata"]["name"] for one in answers if isinstance(one, Generated)]


def quiet(server: RepoServer) -> bool:
    return not server.plugin_processes() and not zombies()


def test_a_hundred_at_once_are_rendered_two_at_a_time(
    towline: RepoServer, sidecar: Sidecar, applications: list[Application]
) -> None:
    sidecar.runs()
    with highest(lambda: len(builds(towline.root))) as most:
        answers = generated(towline, applications)
    assert names(answers) == [f"{name}-web" for name in NAMES]
    assert len(sidecar.runs()) == COUNT
    assert 0 < most[0] <= SLOTS
    until(lambda: quiet(towline), "everything to be gone", seconds=10)


def test_a_commit_that_touches_one_renders_one(
    towline: RepoServer, sidecar: Sidecar, deploy: Deploy, applications: list[Application]
) -> None:
    generated(towline, applications)
    sidecar.runs()
    touched = STAGE.format(name="other")
    revision = deploy.commit({"stages/app-42/kustomization.yaml": touched})
    answers = generated(towline, applications)
    assert {one.revision for one in answers if isinstance(one, Generated)} == {revision}
    expected = [f"{name}-web" for name in NAMES]
    expected[42] = "other-web"
    assert names(answers) == expected
    assert [one.directory for one in sidecar.runs()] == ["stages/app-42"]


def test_a_hard_refresh_asks_again_and_is_answered_from_memory(
    towline: RepoServer, sidecar: Sidecar, applications: list[Application]
) -> None:
    ten = applications[:10]
    before = generated(towline, ten)
    sidecar.runs()
    asked = _calls(towline)
    assert generated(towline, ten) == before
    assert _calls(towline) == asked
    assert generated(towline, ten, hard=True) == before
    assert _calls(towline) == asked + 10
    assert sidecar.runs() == []


def _calls(server: RepoServer) -> int:
    """How often the plugin was started, as its server's log says."""
    log = server.root / "cmp-server-towline-v1.log"
    return log.read_text(encoding="utf-8").count('"msg":"towline-plugin generate"')


def test_git_is_left_out_of_what_is_sent(
    towline: RepoServer, sidecar: Sidecar, deploy: Deploy
) -> None:
    sidecar.runs()
    application = deploy.application("stages/alone", name="whole")
    (answer,) = towline.generate(application, hard=True)
    assert names([answer]) == ["web"]
    (run,) = sidecar.runs()
    assert run.root == {"base", "stages"}


def test_a_narrowed_tree_is_enough(towline: RepoServer, sidecar: Sidecar, deploy: Deploy) -> None:
    """The stage's name comes from its record: nothing above the stage is sent."""
    whole = deploy.application("stages/alone", name="narrowed")
    sidecar.runs()
    (narrow,) = towline.generate(replace(whole, generate_paths="."))
    assert isinstance(narrow, Generated), narrow
    (run,) = sidecar.runs()
    assert run.directory == ""
    assert run.root == {".freight", "kustomization.yaml", "web.yaml"}
    assert narrow.objects[0]["metadata"]["annotations"]["towline.dev/stage"] == "alone"
    (wide,) = towline.generate(whole, hard=True)
    assert isinstance(wide, Generated), wide
    assert wide.texts == narrow.texts


def test_a_tree_that_is_too_narrow_is_refused_with_the_place(
    towline: RepoServer, deploy: Deploy
) -> None:
    application = replace(deploy.application("stages/app-01", name="narrow"), generate_paths=".")
    (answer,) = towline.generate(application)
    assert isinstance(answer, Failed)
    assert "kustomization.yaml:1: " in answer.text
    (enough,) = towline.generate(replace(application, generate_paths=".;/"), hard=True)
    assert names([enough]) == ["app-01-web"]
