"""What a stage is made from: its directory, and what kustomize needs besides."""

from __future__ import annotations

import pytest

from plugin.errors import Refusal
from plugin.stage_sources import MOST_FILES, files_below, source_files

TREE = {
    "README.md": "",
    "towline.yaml": "",
    "base/kustomization.yaml": "resources: [web.yaml, ../shared/one.yaml]\n",
    "base/web.yaml": "",
    "base/unused.yaml": "",
    "base-two/kustomization.yaml": "",
    "shared/one.yaml": "",
    "shared/two.yaml": "",
    "stages/prod/kustomization.yaml": "resources: [../../base, part]\n",
    "stages/prod/part/kustomization.yaml": "resources: [../../../shared/two.yaml]\n",
    "stages/prod/notes.md": "",
    "stages/prod/towline.yaml": "",
    "stages/prod/.freight/web.yaml": "",
    "stages/production/a.yaml": "",
}


def sources(**files: str) -> tuple[str, ...]:
    """The sources of prod, with other files in the tree."""
    tree = TREE | {path.replace("__", "/"): text for path, text in files.items()}
    return source_files("stages/prod", tree, tree.get)


def test_the_directory_travels_with_what_its_kustomizations_name() -> None:
    assert sources() == (
        "base/kustomization.yaml",
        "base/web.yaml",
        "shared/one.yaml",
        "shared/two.yaml",
        "stages/prod/kustomization.yaml",
        "stages/prod/notes.md",
        "stages/prod/part/kustomization.yaml",
    )


def test_charts_travel_whole_with_their_values() -> None:
    tree = {
        "p/kustomization.yaml": (
            "helmGlobals: {chartHome: ../charts}\n"
            "helmCharts: [{name: web, valuesFile: ../values.yaml}]\n"
        ),
        "charts/web/Chart.yaml": "",
        "charts/web/templates/a.yaml": "",
        "charts/other/Chart.yaml": "",
        "values.yaml": "",
    }
    assert source_files("p", tree, tree.get) == (
        "charts/web/Chart.yaml",
        "charts/web/templates/a.yaml",
        "p/kustomization.yaml",
        "values.yaml",
    )


@pytest.mark.parametrize(
    "said",
    ["https://example.com/x", "../../../outside", "'{kind: A}'", "nowhere", "../.."],
)
def test_what_is_elsewhere_or_not_there_is_for_rendering_to_refuse(said: str) -> None:
    tree = {"a/p/kustomization.yaml": f"resources: [{said}]\n", "README.md": ""}
    assert source_files("a/p", tree, tree.get) == ("a/p/kustomization.yaml",)


def test_kustomizations_that_name_each_other_come_to_an_end() -> None:
    tree = {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a]\n",
    }
    assert source_files("a", tree, tree.get) == tuple(tree)


def test_too_many_files_are_refused() -> None:
    tree = {f"a/{number}": "" for number in range(MOST_FILES + 1)}
    tree["a/kustomization.yaml"] = "resources: []\n"
    with pytest.raises(Refusal, match="made from more than 5000 files"):
        source_files("a", tree, tree.get)


def test_files_below_are_the_file_or_the_directory_alone() -> None:
    paths = sorted(TREE)
    assert list(files_below("base", paths)) == [
        "base/kustomization.yaml",
        "base/unused.yaml",
        "base/web.yaml",
    ]
    assert list(files_below("README.md", paths)) == ["README.md"]
    assert list(files_below("stages/none", paths)) == []
    assert list(files_below("", paths)) == paths
