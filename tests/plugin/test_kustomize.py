"""The process: found where people put it, bounded in time and size, with nothing of ours in it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.kustomize import VARIABLE, Kustomize, find


def program(directory: Path, name: str, script: str = "exit 0") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def build(tmp_path: Path, script: str, timeout: float = 30, limit: int = 1 << 20) -> bytes:
    command = (str(program(tmp_path / "bin", "fake", script)), "build")
    return Kustomize(command, timeout, limit).build(tmp_path, "stages/prod")


def test_the_variable_comes_first(tmp_path: Path) -> None:
    chosen, other = program(tmp_path / "a", "mine"), program(tmp_path / "b", "kustomize")
    environ = {VARIABLE: str(chosen), "PATH": str(other.parent)}
    assert find(environ) == (str(chosen), "build")


@pytest.mark.parametrize("said", ["kustomize", "/nonexistent/kustomize"])
def test_a_variable_that_names_no_program_is_refused(said: str) -> None:
    with pytest.raises(Refusal, match=f"{VARIABLE} is '{said}', which is not a program"):
        find({VARIABLE: said, "PATH": os.environ["PATH"]})


def test_then_path_then_the_checkout_then_kubectl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kustomize, kubectl = program(tmp_path / "a", "kustomize"), program(tmp_path / "b", "kubectl")
    own = program(tmp_path / "c", "kustomize")
    both = {"PATH": f"{kubectl.parent}:{kustomize.parent}"}
    monkeypatch.setattr("plugin.kustomize._OWN", own)
    assert find(both) == (str(kustomize), "build")
    assert find({"PATH": str(kubectl.parent)}) == (str(own), "build")
    own.unlink()
    assert find({"PATH": str(kubectl.parent)}) == (str(kubectl), "kustomize")
    with pytest.raises(Refusal, match="kustomize is not installed; put it on PATH"):
        find({})


def test_it_gets_the_directory_and_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    (tmp_path / "stages" / "prod").mkdir(parents=True)
    lines = build(tmp_path, 'echo "$1 $2"; /usr/bin/env').decode().splitlines()
    assert lines[0] == f"build {tmp_path}/stages/prod"
    names = {line.partition("=")[0] for line in lines[1:]}
    assert names <= {"HOME", "XDG_CONFIG_HOME", "HTTP_PROXY", "HTTPS_PROXY", "PWD", "_"}


def test_its_own_words_are_told_without_our_paths(tmp_path: Path) -> None:
    script = f"echo 'Error: accumulating {tmp_path}/base/a.yaml: no such file' >&2; exit 1"
    with pytest.raises(Refusal) as caught:
        build(tmp_path, script)
    expected = "stages/prod: kustomize refused: accumulating base/a.yaml: no such file"
    assert str(caught.value) == expected


def test_silence_and_floods_of_words_are_bounded(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="it said nothing"):
        build(tmp_path, "exit 7")
    with pytest.raises(Refusal) as caught:
        build(tmp_path, "i=0; while [ $i -lt 9000 ]; do echo word >&2; i=$((i+1)); done; exit 1")
    assert len(str(caught.value)) < 5000


def test_too_slow_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    started = tmp_path / "child"
    with pytest.raises(Refusal, match=r"stages/prod: kustomize was stopped after 0\.5 seconds"):
        build(tmp_path, f"/bin/sleep 60 & echo $! > {started}; wait", timeout=0.5)
    child = int(started.read_text())
    for _ in range(200):
        if ended(child):
            return
        time.sleep(0.05)
    pytest.fail("the process kustomize started still runs")


def ended(process: int) -> bool:
    """Whether the process is gone; one that nobody waited for is a zombie, and that is gone too."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def test_too_much_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="stages/prod: renders to more than 100000 bytes"):
        build(
            tmp_path, "while :; do echo 0123456789012345678901234567890123456789; done", 30, 10**5
        )


def test_a_program_that_cannot_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=f"/nonexistent cannot be run: .*; set {VARIABLE}"):
        Kustomize(("/nonexistent", "build")).build(tmp_path, "")


@pytest.mark.parametrize("own_group", [True, False])
def test_the_real_one_builds(tmp_path: Path, kustomize: Path, own_group: bool) -> None:
    (tmp_path / "kustomization.yaml").write_text("configMapGenerator: [{name: a}]\n")
    runner = Kustomize((str(kustomize), "build"), own_group=own_group)
    assert b"kind: ConfigMap" in runner.build(tmp_path, "")


def test_the_real_one_reaches_no_host_and_no_git(tmp_path: Path, kustomize: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: ['https://github.com/a/b?ref=v1']\n")
    with pytest.raises(Refusal, match=r"127\.0\.0\.1:9.*no 'git' program on path"):
        Kustomize((str(kustomize), "build")).build(tmp_path, "")
