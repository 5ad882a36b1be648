"""What kustomize makes of generated kustomizations before and after a bump: one other image."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plugin.artifact import Repository
from plugin.pins.edit import bump
from plugin.pins.pin import Bumped, UpToDate
from tests.plugin.pins.documents import Data, Leaf, Writer, dressed
from tests.plugin.pins.generated import IMAGE, TAGS
from tests.plugin.pins.texts import NEW, OLD, image, manifest

# Each is two runs of kustomize.
FEWER = max(settings().max_examples // 5, 1)


@st.composite
def kustomizations(draw: st.DrawFn) -> str:
    """A kustomization with an entry for the image, written in some way."""
    tag, digest = draw(st.none() | TAGS), draw(st.sampled_from([None, OLD]))
    fields: list[tuple[str, Data]] = [("name", "web"), ("newName", IMAGE)]
    fields += [("newTag", Leaf(tag, plain=False))] if tag else []
    fields += [("digest", digest)] if digest else []
    other: Data = {"name": "other", "newTag": Leaf("1.0", plain=False)}
    images: Data = draw(st.permutations([dict(draw(st.permutations(fields))), other]))
    data: dict[str, Data] = {"resources": ["web.yaml", "other.yaml"], "images": images}
    data["namePrefix"] = "a-"
    random = draw(st.randoms(use_true_random=False))
    return dressed(random, Writer(random).document(data), several=False)


def build(kustomize: Path, directory: Path, text: str) -> list[str]:
    (directory / "kustomization.yaml").write_bytes(text.encode())
    done = subprocess.run([kustomize, "build", directory], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


@pytest.mark.timeout(1800)
@settings(max_examples=FEWER, suppress_health_check=list(HealthCheck))
@given(text=kustomizations(), tag=TAGS)
def test_kustomize_renders_another_image_and_nothing_else(
    tmp_path: Path, kustomize: Path, text: str, tag: str
) -> None:
    (tmp_path / "web.yaml").write_text(manifest("image: web"))
    other = manifest("image: other").replace("{name: web}", "{name: other}")
    (tmp_path / "other.yaml").write_text(other)
    wanted = image(tag=tag)
    assert wanted.repository == Repository.parse(IMAGE)
    answer = bump("kustomization.yaml", text, [wanted])
    assume(not isinstance(answer, UpToDate))
    assert isinstance(answer, Bumped)
    before, after = (build(kustomize, tmp_path, one) for one in (text, answer.text))
    changed = [(one, two) for one, two in zip(before, after, strict=True) if one != two]
    assert [two.strip() for _, two in changed] == [f"image: {IMAGE}:{tag}@{NEW}"]
    assert changed[0][0].strip().startswith(f"image: {IMAGE}")
