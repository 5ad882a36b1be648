"""A stage's manifests: kustomize's bytes, or a directory's, and refusals that say where."""

from __future__ import annotations

import errno
import os
import re
import subprocess
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.kustomize.build import Kustomize
from plugin.local import unreadable
from plugin.render import Renderer
from plugin.sidecar.application import render
from tests.plugin.pins.texts import manifest

NOBODY = Renderer(Kustomize(("/nonexistent", "build")))
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
INLINE = (
    '{"apiVersion": "apps/v1", "kind": "Deployment", '
    '"metadata": {"name": "web", "annotations": {"home": "https://acme.dev"}}}'
)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def runner(kustomize: Path) -> Renderer:
    return Renderer(Kustomize((str(kustomize), "build")))


@pytest.mark.parametrize("stage", ["stages/prod", "stages/prod/", "./stages/prod", "stages//prod"])
def test_a_kustomization_renders_as_kustomize_alone(
    tmp_path: Path, kustomize: Path, stage: str
) -> None:
    root = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": manifest("image: web:1.0"),
            "stages/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n"
            "configMapGenerator: [{name: c, files: [x=a.txt], envs: [b.env], literals: [u=a://b]}]\n"
            f"patches: [{{path: p.yaml}}]\npatchesStrategicMerge: ['{INLINE}']\n",
            "stages/prod/a.txt": "a",
            "stages/prod/b.env": "B=1",
            "stages/prod/p.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
        },
    )
    alone = subprocess.run([kustomize, "build", root / "stages/prod"], stdout=-1, check=True)
    assert render(root, stage, runner(kustomize)) == alone.stdout
    assert b"name: prod-web" in alone.stdout


def test_what_the_file_system_refuses_is_said_with_its_path(tmp_path: Path) -> None:
    long = "x" * 300
    with pytest.raises(Refusal, match=rf"^{long}: cannot be read: File name too long; give"):
        render(tmp_path, long, NOBODY)
    denied = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "a/web.yaml"))
    text = str(unreadable(tmp_path, "a", denied))
    assert text.startswith("a/web.yaml: cannot be read: Permission denied; give the user")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("closed", ["stage", "stage/web.yaml"])
def test_what_we_may_not_read_is_refused(tmp_path: Path, closed: str) -> None:
    root = write(tmp_path, {"stage/web.yaml": manifest("image: web:1.0")})
    (root / closed).chmod(0)
    try:
        with pytest.raises(Refusal, match=f"^{closed}.*: cannot be read: Permission denied"):
            render(root, "stage", NOBODY)
    finally:
        (root / closed).chmod(0o700)


def test_a_directory_renders_as_its_manifests_by_name(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "prod/b.yaml": f"\ufeff---\n{POD}",
            "prod/a.yml": POD.rstrip().replace("\n", "\r\n"),
            "prod/c.json": '{"apiVersion": "v1", "kind": "Pod"}',
            "prod/values.yaml": "image: web\n",
            "prod/empty.yaml": "# nothing\n---\n",
            "prod/sub/d.yaml": POD,
            "prod/README.md": "kind: Pod\n",
        },
    )
    pod = POD.replace("\n", "\r\n").removesuffix("\r\n")
    expected = f'---\n{pod}\n---\n{POD}---\n{{"apiVersion": "v1", "kind": "Pod"}}\n'
    assert render(root, "prod", NOBODY) == expected.encode()


def test_nothing_is_refused_unless_it_is_meant(tmp_path: Path, kustomize: Path) -> None:
    root = write(
        tmp_path,
        {
            "meant/kustomization.yaml": "resources: []\n",
            "not/kustomization.yaml": "namespace: x\n",
            "plain/values.yaml": "a: 1\n",
        },
    )
    assert render(root, "meant", runner(kustomize)) == b""
    with pytest.raises(Refusal, match=r"not/kustomization\.yaml:1: renders to nothing"):
        render(root, "not", runner(kustomize))
    with pytest.raises(Refusal, match="plain: holds neither a kustomization nor a manifest"):
        render(root, "plain", NOBODY)


@pytest.mark.parametrize(
    "said",
    [
        "resources: []\nbases: [../void]\n",
        "resources: []\ncomponents: [../part]\n",
        "resources: [list.yaml]\n",
        "resources: [odd.yaml]\n",
        "resources: [odd.yaml, odder.yaml]\n",
    ],
)
def test_nothing_by_accident_is_refused(tmp_path: Path, kustomize: Path, said: str) -> None:
    odd = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nitems: []\n"
    part = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: a-\n"
    root = write(
        tmp_path,
        {
            "prod/kustomization.yaml": said,
            "prod/list.yaml": "apiVersion: v1\nkind: List\nitems: []\n",
            "prod/odd.yaml": odd,
            "prod/odder.yaml": odd.replace("name: a", "name: b"),
            "void/kustomization.yaml": "resources: [nothing.yaml]\n",
            "void/nothing.yaml": "# nothing\n",
            "part/kustomization.yaml": part,
        },
    )
    with pytest.raises(Refusal, match=r"^prod/kustomization\.yaml:1: renders to nothing"):
        render(root, "prod", runner(kustomize))
    write(root, {"prod/kustomization.yaml": "resources: []\ncomponents: []\nhelmCharts:\n"})
    assert render(root, "prod", runner(kustomize)) == b""
    write(
        root, {"prod/pod.yaml": POD, "prod/kustomization.yaml": "resources: [odd.yaml, pod.yaml]"}
    )
    assert b"kind: Pod" in render(root, "prod", runner(kustomize))


@pytest.mark.parametrize("kind", ["List", "ConfigMapList"])
def test_lists_without_items_are_nothing_to_argo_cd(tmp_path: Path, kind: str) -> None:
    text = f"---\n# a\n---\nx: &x []\napiVersion: v1\nkind: {kind}\nitems: "
    root = write(tmp_path, {"prod/a.yaml": f"{text}*x\n", "prod/b.yaml": f"{text}[]\n"})
    with pytest.raises(Refusal, match=r"^prod: all its manifests are lists without items"):
        render(root, "prod", NOBODY)
    write(root, {"prod/c.yaml": POD})
    assert render(root, "prod", NOBODY).endswith(POD.encode())


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        ("prod", "prod: is not a directory of this repository"),
        ("a.yaml", "a.yaml: is not a directory"),
        ("../x", "'../x' is not a directory inside the repository"),
        ("/etc", "'/etc' is not a directory inside the repository"),
        ("a\0b", "is not a directory inside the repository"),
        ("two", "two: holds kustomization.yaml and Kustomization; keep one of them"),
        ("bad", "bad/a.yaml:2: is not YAML"),
        ("mixed", "mixed/a.yaml:5: is not a Kubernetes object, but others here are"),
        ("directive", "directive/a.yaml:1: holds a YAML directive"),
        ("latin", "latin/a.yaml:1: is not UTF-8"),
        ("large", "large/a.yaml:1: is larger than 4 MiB"),
        ("escape", "escape: leads out of the repository"),
        ("linked", "linked/a.yaml: leads out of the repository"),
        ("loop", "loop: is not a directory"),
    ],
)
def test_a_stage_that_cannot_be_rendered_says_where(
    tmp_path: Path, stage: str, reason: str
) -> None:
    outside = write(tmp_path / "outside", {"a.yaml": POD})
    root = write(
        tmp_path / "root",
        {
            "a.yaml": POD,
            "two/kustomization.yaml": "",
            "two/Kustomization": "",
            "bad/a.yaml": "a: [\n",
            "mixed/a.yaml": f"{POD}---\na: 1\n",
            "directive/a.yaml": f"%YAML 1.1\n---\n{POD}",
            "large/a.yaml": POD + "#" * (4 << 20),
            "linked/b.yaml": POD,
        },
    )
    (root / "latin").mkdir()
    (root / "latin/a.yaml").write_bytes(b"a: \xe9\n")
    (root / "escape").symlink_to(outside)
    (root / "linked/a.yaml").symlink_to(outside / "a.yaml")
    (root / "loop").symlink_to("loop")
    with pytest.raises(Refusal, match=re.escape(reason)):
        render(root, stage, NOBODY)


def test_links_inside_the_repository_and_circles_are_kustomizes_matter(
    tmp_path: Path, kustomize: Path
) -> None:
    root = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [../more/a.yaml, ../other]\n",
            "more/a.yaml": POD,
            "other/kustomization.yaml": "configMapGenerator: [{name: b}]\n",
            "prod/kustomization.yaml": "resources: [linked]\n",
            "circle/kustomization.yaml": "resources: [../circle2]\n",
            "circle2/kustomization.yaml": "resources: [../circle]\n",
        },
    )
    (root / "prod/linked").symlink_to("../base")
    with pytest.raises(Refusal, match=r"prod: kustomize refused: .*is not in or below"):
        render(root, "prod", runner(kustomize))
    with pytest.raises(Refusal, match=r"circle: kustomize refused: .*cycle"):
        render(root, "circle", runner(kustomize))
