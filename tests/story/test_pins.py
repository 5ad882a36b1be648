"""Every kind of place for an image's version, promoted through the whole App."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.story.test_budget import until_the_check_stands
from tests.story.world import IMAGE, REPOSITORY, digest, told

GROUP = "tag: 0.9.0, digest: ''"
NEW = f"1.0.0@{digest(1)}"
MACHINE = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: edge}
spec:
  template:
    spec:
      volumes:
        - {name: data, emptyDisk: {capacity: 2Gi}}
        - {name: root, containerDisk: {image: "ghcr.io/acme/web:0.9.0"}}  # cattle
"""
LITERALS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: versions}
data:
  front: "0.9.0"  # towline: web:tag
  mirrored: 'mirror.lan/web:0.9.0'  # towline: web:image
  other: "0.9.0"
"""
MARKED = 'front: "0.9.0"  # towline: web:tag\n  mirrored: '
HALVES = f"""\
apiVersion: v1
kind: ConfigMap
metadata: {{name: versions}}
data:
  front: "0.9.0"  # towline: web:tag
  frontDigest: {digest(9)}  # towline: web:digest
"""
RELEASE = """\
containers:
  - {name: side, version: 0.9.0}
  - {name: front, version: 0.9.0} # the shop's front
"""
KUSTOMIZATION = """\
resources:
  - front.yaml
"""
FRONT = """\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers: [{name: front, image: web}]
"""
COPYING = """\
resources: [front.yaml, versions.yaml]
replacements:
  - source: {kind: ConfigMap, name: versions, fieldPath: data.front}
    targets:
      - select: {kind: Deployment}
        fieldPaths: [spec.template.spec.containers.0.image]
        options: {delimiter: ":", index: 1}
"""
COPIED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: versions}
data:
  front: "0.9.0"
"""


@dataclass(frozen=True)
class Kind:
    """A stage with one kind of pin: its files, the one that changes and how, its `pins:`."""

    files: dict[str, str]
    file: str
    old: str
    new: str
    row: str
    pins: str = ""


KINDS = {
    "helm values": Kind(
        {"values.yaml": "image:\n  repository: ghcr.io/acme/web\n  tag: 0.9.0 # ours\n"},
        "values.yaml",
        "tag: 0.9.0",
        "tag: 1.0.0",
        "values.yaml:3",
    ),
    "helm values with a digest": Kind(
        {"values.yaml": f"image: {{registry: ghcr.io, repository: acme/web, {GROUP}}}\n"},
        "values.yaml",
        GROUP,
        f"tag: 1.0.0, digest: '{digest(1)}'",
        "values.yaml:1",
    ),
    "image field": Kind(
        {"front.yaml": FRONT.replace("image: web", f"image: {IMAGE}:0.9.0")},
        "front.yaml",
        f"{IMAGE}:0.9.0",
        f"{IMAGE}:{NEW}",
        "front.yaml:6",
    ),
    "container disk": Kind(
        {"machine.yaml": MACHINE}, "machine.yaml", ":0.9.0", f":{NEW}", "machine.yaml:9"
    ),
    "marker": Kind(
        {"versions.yaml": LITERALS},
        "versions.yaml",
        f"{MARKED}'mirror.lan/web:0.9.0'",
        f"{MARKED.replace('0.9.0', '1.0.0')}'mirror.lan/web:{NEW}'",
        "versions.yaml:5",
    ),
    "marked halves": Kind(
        {"versions.yaml": HALVES},
        "versions.yaml",
        HALVES,
        HALVES.replace("0.9.0", "1.0.0").replace(digest(9), digest(1)),
        "versions.yaml:5",
    ),
    "copied by kustomize": Kind(
        {
            "kustomization.yaml": COPYING,
            "front.yaml": FRONT.replace("image: web", f"image: {IMAGE}:set"),
            "versions.yaml": COPIED,
        },
        "versions.yaml",
        'front: "0.9.0"',
        'front: "1.0.0"',
        "versions.yaml:5",
    ),
    "declared item": Kind(
        {"release.yaml": RELEASE},
        "release.yaml",
        "front, version: 0.9.0",
        "front, version: 1.0.0",
        "release.yaml:3",
        "[{file: release.yaml, path: 'containers[name=front].version'}]",
    ),
    "declared entry": Kind(
        {"kustomization.yaml": KUSTOMIZATION, "front.yaml": FRONT},
        "kustomization.yaml",
        "  - front.yaml\n",
        f"  - front.yaml\nimages:\n  - name: web\n    newName: {IMAGE}\n    newTag: 1.0.0\n"
        f"    digest: {digest(1)}\n",
        "kustomization.yaml:",
        "[{file: kustomization.yaml, path: 'images[name=web]'}]",
    ),
}


def pipeline(pins: str) -> str:
    """A project of one stage that declares such pins, if any."""
    declared = f", pins: {pins}" if pins else ""
    return (
        "project: shop\nwarehouses: {web: [{image: ghcr.io/acme/web}]}\n"
        f"stages:\n  dev: {{warehouses: [web], path: stages/dev{declared}}}\n"
    )


def below(directory: str, files: dict[str, str]) -> dict[str, str]:
    """The files with their paths from the root."""
    return {f"{directory}/{name}": text for name, text in files.items()}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_stage_with_one_kind_of_pin_is_promoted(tmp_path: Path, kind: Kind) -> None:
    stage = below("stages/dev", kind.files)
    with told(tmp_path, {"towline.yaml": pipeline(kind.pins), **stage}) as story:
        asked = until_the_check_stands(story, lambda: story.announce("1.0.0", 1))
        assert [one.kind for one in asked] == ["look", "write", "write"]
        pull = story.open_pull("dev")
        assert story.check(pull).conclusion == "success"
        assert f"| `stages/dev/{kind.row}" in (pull.body or "")
        story.merge(pull)
        changed = f"stages/dev/{kind.file}"
        assert story.text(changed) == stage[changed].replace(kind.old, kind.new)
        assert {one.path for one in story.stand_in.files(REPOSITORY, pull.number)} == {
            changed,
            "stages/dev/.freight/web.yaml",
        }
        story.push("1.1.0", 2)
        assert story.check(story.open_pull("dev")).conclusion == "success"


def test_every_kind_of_one_stage_moves_in_one_commit(tmp_path: Path) -> None:
    numbered = [(number, kind) for number, kind in enumerate(KINDS.values()) if not kind.pins]
    kinds = {
        f"{number}/{name}": text for number, kind in numbered for name, text in kind.files.items()
    }
    with told(tmp_path, {"towline.yaml": pipeline(""), **below("stages/dev", kinds)}) as story:
        asked = until_the_check_stands(story, lambda: story.announce("1.0.0", 1))
        assert [one.kind for one in asked] == ["look", "write", "write"]
        pull = story.open_pull("dev")
        assert {one.path for one in story.stand_in.files(REPOSITORY, pull.number)} == {
            "stages/dev/.freight/web.yaml",
            *(f"stages/dev/{number}/{kind.file}" for number, kind in numbered),
        }
        story.merge(pull)
        story.push("1.1.0", 2)
        risk = "**1 image, 9 pins in 7 files, 1 machine restart, no disk.**"
        assert risk in (story.open_pull("dev").body or "")


def test_a_declared_pin_that_leads_nowhere_is_red_and_says_where(tmp_path: Path) -> None:
    kind = KINDS["declared item"]
    right, wrong = pipeline(kind.pins), pipeline(kind.pins.replace("name=front", "name=frond"))
    with told(tmp_path, {"towline.yaml": right, **below("stages/dev", kind.files)}) as story:
        story.push("1.0.0", 1)
        story.commit("main", {"towline.yaml": wrong})
        check = story.check(story.open_pull("dev"))
        assert check.conclusion == "action_required"
        assert "towline.yaml:4" in (check.title or "")
        assert "finds nothing in stages/dev/release.yaml" in (check.summary or "").replace("`", "")
        story.commit("main", {"towline.yaml": right})
        assert story.check(story.open_pull("dev")).conclusion == "success"
