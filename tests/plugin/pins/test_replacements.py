"""What is read of a kustomization's `replacements`."""

from __future__ import annotations

import pytest

from plugin.pins.nodes import Tree
from plugin.pins.replacements import (
    Cut,
    Replacement,
    Source,
    Target,
    paths_of,
    replacements_of,
    split_path,
)
from plugin.pins.tree import read

DISKS = r"""
resources: [vm.yaml]
replacements:
  - path: more.yaml
  - source: {kind: ConfigMap, name: disks, fieldPath: data.web-root\.url}
    targets:
      - select: {kind: DataVolume}
        fieldPaths: [spec.source.registry.url]
      - select: {kind: VirtualMachine, name: web}
        fieldPaths:
          - spec.template.spec.volumes.[name=root].dataVolume.name
          - spec.template.spec.volumes.0.dataVolume.name
        options: {delimiter: ":", index: 1}
"""


def tree(text: str) -> Tree:
    answer = read("kustomization.yaml", text)
    assert isinstance(answer, Tree)
    return answer


def test_an_entry_says_what_is_copied_where() -> None:
    volumes = ("spec", "template", "spec", "volumes")
    assert replacements_of(tree(DISKS)) == (
        Replacement(
            5,
            5,
            Source("ConfigMap", "disks", ("data", "web-root.url")),
            (
                Target("DataVolume", "", (("spec", "source", "registry", "url"),)),
                Target(
                    "VirtualMachine",
                    "web",
                    (
                        (*volumes, "[name=root]", "dataVolume", "name"),
                        (*volumes, "0", "dataVolume", "name"),
                    ),
                    Cut(":", 1),
                ),
            ),
        ),
    )
    assert paths_of(tree(DISKS)) == ("more.yaml",)


@pytest.mark.parametrize("indent", ["", "- "])
def test_a_file_of_its_own_holds_one_entry_or_a_list(indent: str) -> None:
    (entry,) = replacements_of(tree(f"{indent}source: {{kind: ConfigMap, name: a}}\n"))
    assert entry.source == Source("ConfigMap", "a", ("metadata", "name"))


def test_a_value_of_its_own_has_no_source() -> None:
    (entry,) = replacements_of(
        tree("replacements:\n- sourceValue: x\n  targets: [{select: {name: a}}]\n")
    )
    assert (entry.source, entry.targets) == (None, (Target("", "a", (("metadata", "name"),)),))


@pytest.mark.parametrize(
    "text", ["", "[]", "resources: []", "replacements:", "replacements: [x]", "- 1"]
)
def test_nothing_is_read_where_nothing_is_written(text: str) -> None:
    assert replacements_of(tree(text)) == ()


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("data.web", ("data", "web")),
        (r"data.web\.url", ("data", "web.url")),
        ("a.[name=b.c].d", ("a", "[name=b.c]", "d")),
        ("a.*.b", ("a", "*", "b")),
        ("a", ("a",)),
    ],
)
def test_dots_separate_but_not_behind_a_backslash_nor_in_brackets(
    text: str, steps: tuple[str, ...]
) -> None:
    assert split_path(text) == steps
