"""Each way to start the sidecar."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.sidecar import discover, generate
from tests.plugin.shop import ROOT, installed, write

MANIFEST = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    return write(tmp_path / "prod", {"pod.yaml": MANIFEST})


def started(
    stage: Path, kustomize: Path, *command: str | Path
) -> subprocess.CompletedProcess[bytes]:
    environ = {"TOWLINE_KUSTOMIZE": str(kustomize), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=stage, env=environ, capture_output=True, check=False)


def test_as_a_directory_without_site_packages(stage: Path, tmp_path: Path, kustomize: Path) -> None:
    script = installed(tmp_path / "image")
    library = tmp_path / "image" / "towline"
    for command in (
        [sys.executable, "-I", "-S", library / "plugin", "generate"],
        [sys.executable, "-I", "-S", f"{library}/plugin/", "generate"],
        [script, "generate"],
    ):
        done = started(stage, kustomize, *command)
        assert (done.stdout, done.stderr) == (f"---\n{MANIFEST}".encode(), b"")
    relative = started(library, kustomize, sys.executable, "-I", "-S", "plugin", "discover")
    assert (relative.returncode, relative.stdout, relative.stderr) == (0, b"", b"")


def test_as_a_module_and_as_an_installed_script(stage: Path, kustomize: Path) -> None:
    commands: Sequence[Sequence[str | Path]] = (
        [sys.executable, "-m", "plugin", "generate"],
        [Path(sys.executable).parent / "towline-plugin", "generate"],
    )
    for command in commands:
        done = started(stage, kustomize, *command)
        assert (done.stdout, done.stderr) == (f"---\n{MANIFEST}".encode(), b"")


def test_a_library_that_is_missing_is_named(stage: Path, tmp_path: Path, kustomize: Path) -> None:
    script = installed(tmp_path / "image")
    (tmp_path / "image/towline/yaml").unlink()
    done = started(stage, kustomize, script, "generate")
    said = b"towline-plugin: 'yaml' is not installed; repair the installation\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('cd x && rmdir ../x && exec "$@"', "No such file or directory"),
        ('exec "$@" >/dev/full', "No space left on device"),
    ],
)
def test_what_the_system_does_not_give_is_one_line(
    stage: Path, kustomize: Path, line: str, said: str
) -> None:
    (stage / "x").mkdir()
    plugin = (sys.executable, "-m", "plugin", "generate")
    done = started(stage, kustomize, "/bin/sh", "-c", line, "sh", *plugin)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"towline-plugin: cli.py:")
    assert done.stderr.endswith(f": {said}\n".encode())
    assert done.stderr.count(b"\n") == 1


def test_time_spent_before_kustomize_counts(stage: Path, tmp_path: Path) -> None:
    slow = tmp_path / "kustomize"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 300\n", encoding="utf-8")
    slow.chmod(0o755)
    write(stage, {"kustomization.yaml": "resources: [pod.yaml]\n"})
    ticks = iter([0.0])
    environ = {"TOWLINE_KUSTOMIZE": str(slow), "TOWLINE_SLOTS": "2"}
    with pytest.raises(Refusal, match=r"kustomize was stopped after 0\.1 seconds"):
        generate(environ, str(stage), lambda: next(ticks, 44.9))


def test_discovery_without_a_sign_reads_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a/b/x.yaml": MANIFEST, ".git/HEAD": ""})
    assert discover({}, str(tmp_path / "a/b")) == b""
    write(tmp_path, {"a/b/.freight/web.yaml": "broken"})
    assert discover({}, str(tmp_path / "a/b")) == b"a/b\n"
    assert discover({}, str(tmp_path / "a")) == b""
