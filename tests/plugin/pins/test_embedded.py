"""Images inside texts: a bump of one is refused where it stands, and never passed over."""

from __future__ import annotations

import pytest

from plugin.pins.edit import bump
from plugin.pins.find import pins_in
from plugin.pins.nodes import Refused
from plugin.pins.pin import UpToDate
from tests.plugin.pins.texts import image

STRATEGIC = "spec: {template: {spec: {containers: [{name: web, image: 'ghcr.io/acme/web:1.0'}]}}}"
JSON6902 = (
    "- op: replace\n  path: /spec/template/spec/containers/0/image\n  value: ghcr.io/acme/web:1"
)
JSON = '[{"path": "/a/image", "value": "ghcr.io/acme/web:1"}]'
RENDERED = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  postRenderers:
  - kustomize:
      patches:
      - patch: |
"""
APPLIED = """\
apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"image":"ghcr.io/acme/web:1"}
"""
DEFINITION = """\
apiVersion: x/v1
kind: CustomResourceDefinition
spec:
  description: |
    image: ghcr.io/acme/web:1
"""
MAP = "apiVersion: v1\nkind: ConfigMap\ndata:\n  pod.yaml: "


def indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.splitlines())


def patch(text: str) -> str:
    return f"patches:\n- target: {{kind: Deployment}}\n  patch: |-\n{indented(text, 4)}\n"


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("kustomization.yaml", patch(f"kind: Deployment\n{STRATEGIC}"), 5),
        ("kustomization.yaml", patch(JSON6902), 6),
        ("kustomization.yaml", patch(JSON6902).replace("|-", ">-"), 3),
        ("kustomization.yaml", f"patchesStrategicMerge:\n- |-\n  kind: X\n  {STRATEGIC}\n", 4),
        ("kustomization.yaml", f"patches:\n- patch: '{JSON}'\n", 2),
        ("a.yaml", f"{MAP}|\n    kind: Pod\n\n    image: ghcr.io/acme/web:1\n", 7),
        ("a.yaml", f"{MAP}|\n    {{{{ if x }}}}\n      - image: \"ghcr.io/acme/web:1\"\n", 6),
        ("a.yaml", f'{MAP}\'{{"image": "ghcr.io/acme/web:1"}}\'\n', 4),
        ("a.yaml", f"{RENDERED}{indented(STRATEGIC, 10)}\n", 8),
    ],
)  # fmt: skip
def test_a_bump_of_an_image_in_a_text_is_refused(file: str, text: str, line: int) -> None:
    answer = bump(file, text, [image()])
    assert isinstance(answer, Refused), answer
    assert answer.line == line
    assert "'ghcr.io/acme/web' is written inside a text" in answer.reason
    assert ("move the patch" in answer.reason) == ("patch" in text)
    assert isinstance(bump(file, text, [image("ghcr.io/other/web")]), UpToDate)


def test_the_column_is_the_images_own() -> None:
    (refused,) = pins_in("a.yaml", f"{MAP}|\n    image: ghcr.io/acme/web:1\n").refused
    assert (refused.line, refused.column) == (5, 12)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.yaml", APPLIED),
        ("a.yaml", DEFINITION),
        ("a.yaml", f"{MAP}|\n    image: ghcr.io/acme/web\n    image: $(IMAGE):1\n"),
        ("a.yaml", "a: |\n  image: ghcr.io/acme/web:1\n"),
        ("kustomization.yaml", "patches:\n- path: image.yaml\n"),
    ],
)  # fmt: skip
def test_what_decides_nothing_is_passed_over(file: str, text: str) -> None:
    found = pins_in(file, text)
    assert (found.pins, found.refused) == ((), ())
