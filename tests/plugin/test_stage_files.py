"""Which files are a stage's own, and which of their pins decide what it runs."""

from __future__ import annotations

import pytest

from plugin.artifact import Repository
from plugin.pins.pin import Pin
from plugin.stage_files import StageFiles, is_candidate, pins_that_count, sources_of
from tests.plugin.pins.texts import manifest

WEB = Repository.parse("ghcr.io/acme/web")
ENTRY = "images:\n- name: ghcr.io/acme/web\n"


def judged(stage_dir: str, files: StageFiles) -> tuple[tuple[Pin, ...], list[str]]:
    return pins_that_count(stage_dir, (WEB,), sources_of(stage_dir, files))


@pytest.mark.parametrize(
    ("stage_dir", "path", "expected"),
    [
        ("stages/prod", "stages/prod/a/b.yaml", True),
        ("stages/prod/", "stages/prod/x.json", True),
        ("stages/prod", "stages/prod/Kustomization", True),
        ("stages/prod", "stages/prod/.freight/web.yaml", True),
        ("", "a.yml", True),
        ("stages/prod", "stages/production/a.yaml", False),
        ("stages/prod", "stages/prod/README.md", False),
    ],
)
def test_candidates_are_the_stages_own_files(stage_dir: str, path: str, expected: bool) -> None:
    assert is_candidate(stage_dir, path) is expected


@pytest.mark.parametrize(
    ("kustomization", "directory", "count"),
    [
        (f"{ENTRY}  newTag: '2'\n", "prod", ["2"]),
        (f"{ENTRY}  newTag: '2'\n", "prod/deep", ["2"]),
        (f"{ENTRY}  newTag: '2'\n", "other", ["2", "1"]),
        (ENTRY, "prod", [None, "1"]),
        (f"{ENTRY}  newTag: '2'\n".replace("name: ", "name: x\n  newName: "), "prod", ["2", "1"]),
    ],
)
def test_an_entry_that_replaces_a_manifests_version_counts_alone(
    kustomization: str, directory: str, count: list[str | None]
) -> None:
    files = {
        "a/prod/kustomization.yaml": kustomization,
        f"a/{directory}/web.yaml": manifest("image: ghcr.io/acme/web:1"),
    }
    pins, reasons = judged("a", files)
    assert sorted((pin.tag for pin in pins), key=lambda tag: tag == "1") == count
    assert reasons == []


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
@pytest.mark.parametrize("stage_dir", ["a", ""])
def test_the_stages_own_kustomization_is_judged_whatever_it_names(
    stage_dir: str, name: str
) -> None:
    path = f"{stage_dir}/{name}".lstrip("/")
    pins, (reason,) = judged(stage_dir, {path: "a: 1\nbroken: [\n"})
    assert pins == ()
    assert reason.startswith(f"{path}:3: is not YAML")
    assert judged(stage_dir, {path: "resources: [x.yaml]\n"}) == ((), [])
    below = f"{stage_dir}/base/{name}".lstrip("/")
    assert judged(stage_dir, {below: "broken: ["}) == ((), [])


def test_only_files_that_name_the_repository_are_judged() -> None:
    files = {
        "a/broken.yaml": "{{ if }}",
        "a/.freight/web.yaml": "[ ghcr.io/acme/web",
        "b/web.yaml": "[ ghcr.io/acme/web",
        "a/web.yaml": "a: 1\n- ghcr.io/acme/web",
        "a/notes.md": "[ ghcr.io/acme/web",
    }
    pins, reasons = judged("a", files)
    assert pins == ()
    assert [reason.partition(":")[0] for reason in reasons] == ["a/web.yaml"]
