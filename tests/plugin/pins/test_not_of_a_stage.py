"""GitHub workflows and Docker's compose files in a stage's directory: nothing there is taken."""

from __future__ import annotations

import pytest

from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.pin import UpToDate
from plugin.pins.values_places import is_values_file
from tests.plugin.pins.corpus import texts
from tests.plugin.pins.texts import image

WORKFLOW = """\
name: helm
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    container: {image: 'ghcr.io/acme/web:1'}
    services:
      web:
        image: ghcr.io/acme/web:1
    steps:
    - uses: docker://ghcr.io/acme/web:1
    - uses: acme/web@v1
      with: {image: 'ghcr.io/acme/web:1', tag: v1, repository: acme/web}
    - uses: acme/build@v1
      with:
        image: {repository: ghcr.io/acme/web, tag: '1'}
"""
CALLING = "on: push\njobs: {a: {uses: acme/web@v1, with: {image: 'ghcr.io/acme/web:1'}}}\n"
ACTION = "runs: {using: docker, image: 'docker://ghcr.io/acme/web:1'}\n"
COMPOSE = """\
services:
  web:
    image: ghcr.io/acme/web:1
    build: {context: ., tags: ['ghcr.io/acme/web:1']}
x-image: {repository: ghcr.io/acme/web, tag: '1'}
"""


@pytest.mark.parametrize(
    "file",
    [
        ".github/workflows/ci.yaml",
        ".github/workflows/helm.yml",
        "a/.github/workflows/values.yaml",
        "ci.yaml",
        "helm-test.yaml",
    ],
)
@pytest.mark.parametrize("text", [WORKFLOW, CALLING])
def test_workflows(file: str, text: str) -> None:
    assert not pins_in(file, text).pins
    assert isinstance(bump(file, text, [image()]), UpToDate)


@pytest.mark.parametrize("file", ["action.yaml", ".github/actions/helm/action.yml"])
def test_actions(file: str) -> None:
    assert isinstance(bump(file, ACTION, [image()]), UpToDate)


@pytest.mark.parametrize(
    "file",
    [
        "compose.yaml",
        "docker-compose.yml",
        "docker-compose.helm.yaml",
        "values/compose.yaml",
        "dev.yaml",
        "helm-dev.yaml",
    ],
)
def test_compose_files(file: str) -> None:
    assert not pins_in(file, COMPOSE).pins
    assert isinstance(bump(file, COMPOSE, [image()]), UpToDate)


@pytest.mark.parametrize(
    "text",
    [
        "definitions: {image: {type: object, properties: {tag: {type: string}}}}\n",
        '{"image": {"description": "ghcr.io/acme/web:1", "tag": "1"}}\n',
        "build: {image: 'ghcr.io/acme/web:1', stage: build}\n",
        "- name: web\n  image: ghcr.io/acme/web:1\n",
        "rules: [{image: 'ghcr.io/acme/*', repository: acme, tag: v1}]\n",
    ],
)
def test_schemas_pipelines_and_policies_of_other_tools(text: str) -> None:
    assert isinstance(bump("policy.yaml", text, [image()]), UpToDate)


def test_real_workflows_and_compose_files() -> None:
    seen = 0
    for name, text in texts():
        if ".github/workflows/" in name or "compose" in name.rpartition("/")[2]:
            seen += 1
            assert not pins_in(name, text).pins, name
            assert not is_values_file(name)
    assert seen > 20
