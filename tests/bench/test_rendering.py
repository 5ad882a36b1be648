"""Figures of rendering are of the sidecar as its image has it, and of equal bytes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bench.rendered_stages import applied, base, recorded
from bench.rendering import Renderers, equal, renderers
from bench.rendering_many import one_changed
from bench.sidecar import Program, latencies, python
from plugin.errors import Refusal


@pytest.fixture
def measured(kustomize: Path, tmp_path: Path) -> Renderers:
    return renderers(kustomize.parent, tmp_path)


def program(code: str, place: Path) -> Program:
    return Program((python(), "-IS", "-c", code), place, {})


def test_annotated_stages_are_what_kustomize_would_annotate(
    measured: Renderers, tmp_path: Path
) -> None:
    stage, wanted = recorded(tmp_path / "tree", "stages/prod", 2)
    assert measured.alone(wanted).output().count(b"towline.dev/freight:") == 2
    equal(measured.first(stage), measured.alone(wanted))
    with pytest.raises(Refusal, match="prints something else than kustomize"):
        equal(measured.first(stage), measured.alone(stage))


def test_where_a_record_is_applied_no_file_says_the_version(
    measured: Renderers, tmp_path: Path
) -> None:
    stage, wanted = applied(tmp_path / "tree", "stages/prod", 2)
    assert b"image: ghcr.io/acme/web\n" in measured.alone(stage).output()
    assert measured.alone(wanted).output().count(b"image: ghcr.io/acme/web:1.0.0@sha256:") == 2
    equal(measured.first(stage), measured.alone(wanted))


def test_only_a_repeated_render_is_answered_without_kustomize(
    measured: Renderers, tmp_path: Path
) -> None:
    stage = base(tmp_path / "tree", "stages/prod", 1)
    first, again = measured.first(stage), measured.again(stage)
    known = again.output()
    assert known == first.output()
    broken = {"TOWLINE_KUSTOMIZE": str(tmp_path / "none")}
    with pytest.raises(Refusal, match="TOWLINE_KUSTOMIZE is"):
        Program(first.command, stage, {**first.environ, **broken}).output()
    (stage / "kustomization.yaml").write_text("resources: [gone.yaml]\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"gone\.yaml"):
        again.output()


def test_its_files_are_compiled_and_never_compared_with_their_sources(
    measured: Renderers, tmp_path: Path
) -> None:
    compiled = list((tmp_path / "image/library/plugin/__pycache__").glob("cli.*.pyc"))
    # https://peps.python.org/pep-0552/: a hash that is not checked.
    assert [one.read_bytes()[4:8] for one in compiled] == [b"\x01\0\0\0"]
    assert Path(measured.plugin).read_text(encoding="utf-8").startswith(f"#!{python()} -IS\n")


def test_copying_is_a_process_of_its_own_that_leaves_nothing(
    measured: Renderers, tmp_path: Path
) -> None:
    stage = base(tmp_path / "tree", "stages/prod", 2)
    equal(measured.copying(stage), measured.alone(stage))
    assert not (tmp_path / "copy").exists()


def test_all_applications_are_asked_for_after_one_was_changed(
    measured: Renderers, tmp_path: Path
) -> None:
    row = one_changed(measured, tmp_path / "tree", 4, 2)
    assert row.name == "4 Applications, 1 changed, resources of each: 2 (floor: 4 builds)"
    assert row.floor
    assert len(list((tmp_path / "cache").glob("?/*"))) > 4


def test_memory_is_that_of_the_largest_process_below(tmp_path: Path) -> None:
    spend = f"b = bytearray({64 << 20})"
    assert program("pass", tmp_path).memory() < 32
    assert program(spend, tmp_path).memory() > 64
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-IS', '-c', {spend!r}])"
    assert program(nested, tmp_path).memory() > 64


def test_latencies_are_of_programs_that_run_at_once(tmp_path: Path) -> None:
    meet = "import os, time\nopen(str(os.getpid()), 'w')\n"
    wait = "while len(os.listdir()) < 3: time.sleep(.01)"
    until_all, each = latencies([program(meet + wait, tmp_path)] * 3)
    assert until_all == max(each)
    assert len(each) == 3


def test_what_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"failed: (.|\n)*ZeroDivisionError"):
        program("1 / 0", tmp_path).output()
    with pytest.raises(Refusal, match=r"none is missing: no figure"):
        Program((os.fspath(tmp_path / "none"),), tmp_path, {}).output()
    assert python().startswith("/")
    assert f"python{sys.version_info.major}" in python()
