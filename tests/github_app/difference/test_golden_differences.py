"""The check `towline/diff` of every golden promotion, rendered with real kustomize.

Each is `diff.md` in a directory below `tests/golden/promotions`. Stages there show pins only, so
they get a base with a Deployment for each of their images. `TOWLINE_REGENERATE=1 pytest` with this
file writes them anew; read the diff.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from github_app.difference.check import difference_check
from github_app.rendered.renders import rendering_of
from plugin.artifact import Image
from plugin.errors import Refusal
from plugin.kustomize.build import Kustomize
from plugin.printed import Printed
from plugin.record import read_record
from plugin.render import Renderer
from plugin.sidecar.application import answer

GOLDEN = Path(__file__).parents[2] / "golden" / "promotions"
REGENERATE = "TOWLINE_REGENERATE" in os.environ
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
  namespace: shop
spec:
  template:
    spec:
      containers:
      - image: {image}
        name: app
"""


@pytest.mark.parametrize("name", sorted(one.name for one in GOLDEN.iterdir()))
def test_a_promotion_differs_as_its_golden_directory_says(
    name: str, tmp_path: Path, kustomize: Path
) -> None:
    directory = GOLDEN / name
    stage, images = _held(directory / "after")
    renderer = Renderer(Kustomize((str(kustomize), "build")))
    before, after = (
        _printed(_checkout(directory / side, tmp_path / side, stage, images), stage, renderer)
        for side in ("before", "after")
    )
    check = difference_check(rendering_of(before, after))
    text = f"{check.conclusion.value}: {check.title}\n\n{check.summary}\n\n{check.text}\n"
    file = directory / "diff.md"
    if REGENERATE:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def _held(after: Path) -> tuple[str, tuple[str, ...]]:
    """The stage's directory and the images that it holds."""
    (record,) = after.rglob(".freight/*.yaml")
    freight = read_record(str(record), record.read_text(encoding="utf-8")).freight
    images = tuple(str(one.repository) for one in freight.artifacts if isinstance(one, Image))
    return str(record.parents[1].relative_to(after)), images


def _checkout(side: Path, root: Path, stage: str, images: tuple[str, ...]) -> Path:
    shutil.copytree(side, root)
    base = root / "base"
    base.mkdir(exist_ok=True)
    every = (WORKLOAD.format(number=n, image=image) for n, image in enumerate(images))
    (base / "workloads.yaml").write_text("---\n".join(every), encoding="utf-8")
    (base / "kustomization.yaml").write_text("resources: [workloads.yaml]\n", encoding="utf-8")
    kustomization = root / stage / "kustomization.yaml"
    if kustomization.exists():
        text = kustomization.read_text(encoding="utf-8")
        if "resources" not in text and images:
            kustomization.write_text(f"{text}\nresources: [../../base]\n", encoding="utf-8")
    return root


def _printed(root: Path, stage: str, renderer: Renderer) -> Printed | Refusal:
    try:
        return answer(root, stage, renderer)
    except Refusal as refusal:
        return refusal
