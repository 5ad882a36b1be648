"""The demo's repository is one that a careful person could have written."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from github_app.sandbox.demo.gitops import STAGES, Scenario, directory_of, files, image_at
from plugin.kustomize.build import Kustomize
from plugin.lint import lint
from plugin.pipeline_file import read_project
from plugin.render import Renderer
from plugin.sidecar.application import render

IMAGE = image_at("127.0.0.1:5000")


@pytest.mark.parametrize("scenario", list(Scenario))
def test_its_pipeline_file_has_nothing_to_complain_about(scenario: Scenario) -> None:
    project = read_project("towline.yaml", files(IMAGE, scenario)["towline.yaml"])
    assert [stage.name for stage in project.stages] == list(STAGES)
    assert {stage.write.value for stage in project.stages} == {scenario.value}
    assert list(lint(project)) == []


@pytest.mark.parametrize("scenario", list(Scenario))
def test_every_stage_renders_with_what_ran_before_towline(
    scenario: Scenario, tmp_path: Path, kustomize: Path
) -> None:
    for name, text in files(IMAGE, scenario).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    renderer = Renderer(Kustomize((str(kustomize), "build")))
    for stage in STAGES:
        manifests = render(tmp_path, directory_of(stage), renderer)
        service, deployment = yaml.safe_load_all(manifests)
        assert service["kind"] == "Service"
        assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"]
        assert deployment["metadata"]["namespace"] == f"shop-{stage}"
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert container["image"] == "127.0.0.1:5000/acme/web:0.9.0"
