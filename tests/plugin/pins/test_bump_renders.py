"""What kustomize makes of a bumped stage: the new image, and everything else as before."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from plugin.pins.edit import bump
from plugin.pins.pin import Bumped
from tests.plugin.pins.texts import NEW, OLD, image, manifest

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: x}]}\n"


def build(kustomize: Path, directory: Path) -> str:
    done = subprocess.run([kustomize, "build", directory], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "# first\n---\n"])
@pytest.mark.parametrize(
    "entry",
    [
        "- name: web\n  newName: ghcr.io/acme/web\n  newTag: '1.0'\n",
        f"- name: web\n  newName: ghcr.io/acme/web\n  digest: {OLD}\n",
        "- {name: web, newName: ghcr.io/acme/web}\n",
        "- newName: ghcr.io/acme/web\n  name: web\n",
        '- {"name": "web",\n   "newName": "ghcr.io/acme/web",\n   "newTag": "1.0"}\n',
    ],
)
def test_an_entry_renders_the_new_image(
    tmp_path: Path, kustomize: Path, entry: str, start: str, end: str
) -> None:
    text = f"{start}resources: [web.yaml, pod.yaml]\nimages:\n{entry}namePrefix: a-\n"
    text = text.replace("\n", end)
    (tmp_path / "web.yaml").write_text(manifest("image: web"))
    (tmp_path / "pod.yaml").write_text(POD)
    file = tmp_path / "kustomization.yaml"
    file.write_bytes(text.encode())
    before = build(kustomize, tmp_path)
    answer = bump("kustomization.yaml", text, [image(tag="1.10")])
    assert isinstance(answer, Bumped)
    file.write_bytes(answer.text.encode())
    changed = set(build(kustomize, tmp_path).splitlines()) ^ set(before.splitlines())
    new = [line.strip() for line in changed if f":1.10@{NEW}" in line]
    assert new == [f"image: ghcr.io/acme/web:1.10@{NEW}"]
    assert len(changed) == 2


def test_a_manifest_renders_the_new_image(tmp_path: Path, kustomize: Path) -> None:
    text = manifest('image: "ghcr.io/acme/web:1.0"   # now')
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\n")
    (tmp_path / "web.yaml").write_text(text)
    before = build(kustomize, tmp_path)
    answer = bump("web.yaml", text, [image()])
    assert isinstance(answer, Bumped)
    (tmp_path / "web.yaml").write_text(answer.text)
    expected = before.replace("ghcr.io/acme/web:1.0", f"ghcr.io/acme/web:1.1.0@{NEW}")
    assert build(kustomize, tmp_path) == expected
