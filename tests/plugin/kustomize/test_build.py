"""The process: found where people put it, bounded in time and size, with nothing of ours in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.kustomize.build import (
    HELM,
    HELM_COMMAND,
    REMOTE,
    VARIABLE,
    Helm,
    Kustomize,
    configured,
    find,
)
from tests.plugin.memory import most_memory, own_memory
from tests.plugin.shop import ROOT


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


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which nothing was built yet."""
    place = tmp_path_factory.mktemp("checkout")
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "plugin", place / "plugin", ignore=unwanted)
    return place


def told(checkout: Path, code: str, environ: dict[str, str]) -> str:
    """What the checkout's own package prints, or the message it raises."""
    program = f"from plugin.kustomize.build import configured, find\nenviron = {environ!r}\n{code}"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[-1]


def test_then_path_then_the_checkout_then_kubectl(tmp_path: Path, checkout: Path) -> None:
    kustomize, kubectl = program(tmp_path / "a", "kustomize"), program(tmp_path / "b", "kubectl")
    finds = "print(*find(environ))"
    alone = {"PATH": str(kubectl.parent)}
    own = program(checkout / ".tools" / "bin", "kustomize")
    both = {"PATH": f"{kubectl.parent}:{kustomize.parent}"}
    assert told(checkout, finds, both) == f"{kustomize} build"
    assert told(checkout, finds, alone) == f"{own} build"
    own.unlink()
    assert told(checkout, finds, alone) == f"{kubectl} kustomize"
    assert "kustomize is not installed; put it on PATH" in told(checkout, finds, {})


def test_it_gets_the_directory_and_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    (tmp_path / "stages" / "prod").mkdir(parents=True)
    lines = build(tmp_path, 'echo "$1 $2"; /usr/bin/env').decode().splitlines()
    assert lines[0] == f"build {tmp_path}/stages/prod"
    names = {line.partition("=")[0] for line in lines[1:]}
    ours = {"PATH", "HOME", "TMPDIR", "GOGC", "GOMEMLIMIT", "GOTRACEBACK", "PWD", "_"}
    assert {one for one in names if "PROXY" not in one.upper() and "XDG_" not in one} <= ours


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


BOMB = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: bomb}
data:
  a0: &a0 [x, x, x, x, x, x, x, x, x]
"""


def test_memory_is_bounded(tmp_path: Path, kustomize: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [bomb.yaml]\n")
    nine = [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)]
    (tmp_path / "bomb.yaml").write_text(BOMB + "".join(nine))
    before = most_memory()
    with pytest.raises(Refusal, match=r"^\.: needs more than 100 MiB of memory to render"):
        Kustomize((str(kustomize), "build"), memory=100 << 20).build(tmp_path, "")
    assert most_memory() <= max(before, 120 << 10, own_memory())


def test_a_stage_as_large_as_argo_cd_itself_fits(tmp_path: Path, kustomize: Path) -> None:
    said = f"description: {'why ' * 10}"
    fields = [f"            field{n}: {{type: string, {said}}}\n" for n in range(500)]
    head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    schema = "spec:\n  versions:\n    - schema:\n        openAPIV3Schema:\n          properties:\n"
    body = schema + "".join(fields)
    kinds = [f"{head}metadata: {{name: kind{n}.example.com}}\n{body}" for n in range(40)]
    (tmp_path / "crds.yaml").write_text("---\n".join(kinds))
    (tmp_path / "kustomization.yaml").write_text("resources: [crds.yaml]\nnamespace: argocd\n")
    assert len(Kustomize((str(kustomize), "build")).build(tmp_path, "")) > 1_400_000


def test_the_operator_says_how_much_memory_there_is(tmp_path: Path) -> None:
    fake = program(tmp_path, "kustomize", "echo fatal error: out of memory >&2; exit 2")
    environ = {"PATH": str(fake.parent), "TOWLINE_MEMORY": "512Mi"}
    with pytest.raises(Refusal, match=r"more than 512 MiB of memory .* raise TOWLINE_MEMORY"):
        configured(environ, 30, own_group=True).build(tmp_path, "")


def test_an_end_by_the_kernel_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="stages/prod: kustomize was ended by SIGKILL; perhaps"):
        build(tmp_path, "kill -9 $$")


def test_a_build_under_way_can_be_left(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    command = str(
        program(tmp_path / "bin", "fake", f"echo $$ > {tmp_path}/pid; exec /bin/sleep 60")
    )
    with Kustomize((command,)).start(tmp_path, "stages"):
        until((tmp_path / "pid").exists)
    assert ended(int((tmp_path / "pid").read_text() or 0))


def test_a_stray_child_with_our_pipes_is_not_waited_for(tmp_path: Path) -> None:
    assert build(tmp_path, "/bin/sleep 20 & echo done", timeout=60) == b"done\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [({}, Helm.OFF), ({HELM: "off"}, Helm.OFF), ({HELM: "offline"}, Helm.OFFLINE)],
)
def test_helm_runs_where_the_operator_says_so(
    tmp_path: Path, said: dict[str, str], expected: Helm
) -> None:
    fake, helm = program(tmp_path, "kustomize", 'echo "$@"'), program(tmp_path, "helm")
    how = configured(said | {"PATH": str(tmp_path)}, 30, own_group=True)
    assert (how.helm, how.remote) == (expected, False)
    assert how.command == (str(fake), "build")
    assert how.helm_command == ("" if expected is Helm.OFF else str(helm))
    said_to_it = how.build(tmp_path, "").decode()
    assert said_to_it.startswith(f"build {tmp_path}")
    assert ("--enable-helm --helm-command /" in said_to_it) == (expected is not Helm.OFF)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({HELM: "yes"}, "TOWLINE_HELM is 'yes'; it is one of off, offline, online"),
        ({REMOTE: "yes"}, "TOWLINE_REMOTE is 'yes'; it is one of refuse, allow"),
        ({HELM: "online", HELM_COMMAND: "helm"}, "TOWLINE_HELM_COMMAND is 'helm', which is not a"),
    ],
)
def test_settings_nobody_can_mean_are_refused(
    tmp_path: Path, said: dict[str, str], words: str
) -> None:
    program(tmp_path, "kustomize")
    with pytest.raises(Refusal, match=words):
        configured(said | {"PATH": str(tmp_path)}, 30, own_group=True)


def test_helm_must_be_there_where_it_is_allowed(tmp_path: Path, checkout: Path) -> None:
    program(tmp_path, "kustomize")
    configures = "configured(environ, 30, own_group=True)"
    words = "helm is not installed; put it on PATH or name it in TOWLINE_HELM_COMMAND"
    assert words in told(checkout, configures, {HELM: "offline", "PATH": str(tmp_path)})


def test_helm_has_a_directory_of_its_own_that_is_gone_afterwards(tmp_path: Path) -> None:
    parent = tmp_path / "tmp"
    parent.mkdir()
    fake = program(tmp_path, "kustomize", 'echo "$HOME $TMPDIR $HELM_NO_PLUGINS"; echo > "$HOME/a"')
    how = Kustomize((str(fake),), helm=Helm.OFFLINE, helm_command="/helm", parent=str(parent))
    home, temporary, plugins = how.build(tmp_path, "").decode().split()
    assert (home, plugins) == (temporary, "1")
    assert Path(home).parent == parent
    assert not list(parent.iterdir())


def test_remote_bases_find_git_only_where_allowed(tmp_path: Path) -> None:
    program(tmp_path, "kustomize", 'echo "$PATH ${HTTP_PROXY:-none}"')
    environ = {"PATH": str(tmp_path), REMOTE: "allow"}
    how = configured(environ, 30, own_group=True)
    assert how.remote
    assert how.build(tmp_path, "") == f"{tmp_path} none\n".encode()


def until(true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it never came true")
