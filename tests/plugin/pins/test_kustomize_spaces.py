"""Which files are built together, and into which namespace."""

from __future__ import annotations

from plugin.pins.kustomize_spaces import spaces_of
from plugin.pins.sources import Sources

FILES = {
    "base/kustomization.yaml": "namespace: base\nresources: [vm.yaml]\n",
    "base/vm.yaml": "",
    "dev/kustomization.yaml": "namespace: dev\nresources: [../base, d.yaml]\n",
    "dev/d.yaml": "",
    "lonely/vm.yaml": "",
}
PROD = {"prod/kustomization.yaml": "namespace: prod\nresources: [../base/]\n"}


def test_the_outermost_namespace_wins_and_files_of_one_build_belong_together() -> None:
    spaces = spaces_of(Sources(FILES))
    assert spaces.namespace("base/vm.yaml", "own") == "dev"
    assert spaces.realms("base/vm.yaml") == {"dev", "base"}
    assert spaces.realms("dev/d.yaml") == {"dev"}
    assert spaces.namespace("lonely/vm.yaml", "own") == "own"
    assert spaces.realms("lonely/vm.yaml") == {"lonely"}


def test_what_is_built_into_two_namespaces_is_in_neither() -> None:
    spaces = spaces_of(Sources(FILES | PROD))
    assert spaces.namespace("base/vm.yaml", "own") == "own"
    assert spaces.realms("base/vm.yaml") == {"dev", "prod", "base"}
    assert spaces.namespace("dev/d.yaml", "") == "dev"


def test_circles_and_what_cannot_be_read_are_passed_over() -> None:
    circle = {
        "kustomization.yaml": "resources: [a]\n",
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a, ., x.yaml]\n",
        "c/kustomization.yaml": "resources: [",
    }
    spaces = spaces_of(Sources(circle))
    assert spaces.realms("b/x.yaml") == {"", "b"}
    assert spaces.realms("c/x.yaml") == {"c"}
