"""One directory for each kind of stage: its files, and what Argo CD gets of them.

`TOWLINE_REGENERATE=1 pytest tests/plugin/test_golden_renders.py` writes them anew; read the diff.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugin.kustomize.build import Kustomize
from plugin.render import Renderer
from plugin.sidecar.application import render

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "renders"
CASES = sorted(one.name for one in GOLDEN.iterdir())
REGENERATE = "TOWLINE_REGENERATE" in os.environ


@pytest.mark.parametrize("case", CASES)
def test_a_stage_renders_as_its_directory_says(case: str, tmp_path: Path, kustomize: Path) -> None:
    shutil.copytree(GOLDEN / case / "tree", tmp_path / "stages" / "prod")
    printed = render(tmp_path, "stages/prod", Renderer(Kustomize((str(kustomize), "build"))))
    expected = GOLDEN / case / "rendered.yaml"
    if REGENERATE:
        expected.write_bytes(printed)
    assert printed.decode() == expected.read_text()
    assert (
        render(tmp_path, "stages/prod", Renderer(Kustomize((str(kustomize), "build")))) == printed
    )


@pytest.mark.parametrize("case", CASES)
def test_it_reads_as_kustomize_reads_its_own(case: str, tmp_path: Path, kustomize: Path) -> None:
    rendered = (GOLDEN / case / "rendered.yaml").read_bytes()
    (tmp_path / "all.yaml").write_bytes(rendered)
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]\n")
    again = subprocess.run([kustomize, "build", tmp_path], capture_output=True, check=True).stdout
    if rendered.startswith(b"---"):
        names = [
            sorted(one["metadata"]["name"] for one in documents(text)) for text in (again, rendered)
        ]
        assert names[0] == names[1]
    else:
        assert again == rendered


@pytest.mark.parametrize("case", CASES)
def test_a_pods_template_is_never_annotated(case: str) -> None:
    for one in documents((GOLDEN / case / "rendered.yaml").read_bytes()):
        template = one.get("spec", {}).get("template", {})
        annotations = template.get("metadata", {}).get("annotations", {})
        assert not any("towline" in key for key in annotations)


def documents(text: bytes) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(text) if one]
