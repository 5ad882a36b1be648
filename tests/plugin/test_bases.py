"""Which files elsewhere a stage is built with."""

from __future__ import annotations

import pytest

from plugin.bases import bases_of
from plugin.errors import Refusal

REPOSITORY = {
    "dev/kustomization.yaml": "resources: [../base, d.yaml, ../one.yaml]\nbases: [..]\n",
    "dev/d.yaml": "",
    "base/kustomization.yml": "resources: [a.yaml, ../dev, ./]\npatches: [{path: p.yaml}]\n",
    "base/a.yaml": "a: 1\n",
    "base/p.yaml": "p: 1\n",
    "base/unlisted.yaml": "",
    "one.yaml": "one: 1\n",
    "Kustomization": "configMapGenerator: [{files: [x=one.yaml, ../../etc/passwd]}]\n",
}


def found(files: dict[str, str]) -> list[str]:
    own = {name: text for name, text in files.items() if name.startswith("dev/")}
    bases = bases_of("dev", own, files.get)
    assert all(files[name] == text for name, text in bases.items())
    return sorted(bases)


def test_only_what_kustomizations_list_is_read_and_nothing_twice() -> None:
    assert found(REPOSITORY) == [
        "Kustomization",
        "base/a.yaml",
        "base/kustomization.yml",
        "base/p.yaml",
        "one.yaml",
    ]


@pytest.mark.parametrize("text", ["", "[", "resources: [{a: b}, 'http://x/y', /a, '']\n", "- a\n"])
def test_what_leads_nowhere_is_passed_over(text: str) -> None:
    assert found({"dev/kustomization.yaml": text}) == []


def test_a_build_of_too_many_files_is_refused() -> None:
    listed = ", ".join(f"../{number}.yaml" for number in range(5001))
    files = {f"{number}.yaml": "" for number in range(5001)}
    with pytest.raises(Refusal, match="dev: is built of more than 5000 files elsewhere"):
        found(files | {"dev/kustomization.yaml": f"resources: [{listed}]\n"})
