"""One directory for each way of keeping a disk: what a bump makes of it, and what people read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from plugin.bumping import Bumps, bumps
from plugin.pins.sources import Sources
from tests.contracts.kubevirt.schemas import crds, known, mistakes, objects
from tests.plugin.disks.stages import GOLDEN, Asked, asked, said, texts

__all__ = ["crds"]

CASES = sorted(one.name for one in GOLDEN.iterdir())


def done(case: str, files: Mapping[str, str]) -> Bumps:
    asks: Asked = asked(GOLDEN / case)
    return bumps(Sources(files), asks.wanted, terms=asks.terms)


@pytest.mark.parametrize("case", CASES)
def test_a_case_becomes_what_its_directory_says(case: str) -> None:
    before, after = texts(GOLDEN / case / "before"), texts(GOLDEN / case / "after")
    answer = done(case, before)
    assert said(answer) == (GOLDEN / case / "said.txt").read_text()
    assert {**before, **answer.files} == (after or before)
    assert bool(answer.refused) != bool(answer.files)


@pytest.mark.parametrize("case", CASES)
def test_a_second_bump_finds_nothing_to_do(case: str) -> None:
    after = texts(GOLDEN / case / "after")
    if after:
        again = done(case, after)
        assert (again.files, again.changes, again.refused, again.disks) == ({}, (), (), ())


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("crds")
def test_the_cluster_takes_what_kustomize_renders(
    case: str, tmp_path: Path, kustomize: Path
) -> None:
    after = texts(GOLDEN / case / "after") or texts(GOLDEN / case / "before")
    resources = ", ".join(one for one in after if one != "kustomization.yaml")
    for name, text in {"kustomization.yaml": f"resources: [{resources}]\n", **after}.items():
        (tmp_path / name).write_bytes(text.encode())
    built = subprocess.run([kustomize, "build", tmp_path], capture_output=True, check=True)
    rendered = list(objects(built.stdout.decode()))
    for one in rendered:
        assert not known(one) or mistakes(one) == []
    for name in {one.new for one in done(case, texts(GOLDEN / case / "before")).disks}:
        sources = [one["spec"]["source"] for one in disks(rendered) if named(one) == name]
        assert len(sources) == 1
        pointers = built.stdout.decode().count(f"ame: {name}\n")
        assert pointers > 1


def disks(rendered: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every DataVolume, and every one that a machine or a pool of machines makes."""
    for one in rendered:
        machine = one.get("spec", {}).get("virtualMachineTemplate", one).get("spec", {})
        yield from machine.get("dataVolumeTemplates", ())
        if one["kind"] == "DataVolume":
            yield one


def named(one: Mapping[str, Any]) -> str:
    return str(one["metadata"]["name"])
