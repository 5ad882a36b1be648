"""The sidecar's command: manifests on stdout, one line on stderr, and the right status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugin import cli
from plugin.errors import Refusal
from plugin.sidecar import calls

ROOT = Path(__file__).resolve().parent.parent.parent


def towline_plugin(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "plugin", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=directory, env=environ, capture_output=True, check=False)


def test_a_stage_is_printed(tmp_path: Path, kustomize: Path) -> None:
    stage = tmp_path / "prod"
    stage.mkdir()
    (stage / "kustomization.yaml").write_text("configMapGenerator: [{name: a}]\n")
    alone = subprocess.run([kustomize, "build", stage], stdout=-1, check=True).stdout
    done = towline_plugin(tmp_path, "render", "--stage", "prod")
    assert (done.returncode, done.stdout, done.stderr) == (0, alone, b"")
    again = towline_plugin(Path("/"), "render", "--root", str(tmp_path), "--stage", "prod")
    assert again.stdout == alone


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["render", "--stage", "prod"], "prod: is not a directory of this repository\n"),
        (["render"], "the following arguments are required: --stage; see 'towline-plugin render"),
        (["wrong"], "argument COMMAND: invalid choice: 'wrong'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_what_a_person_must_change_is_one_line_and_status_1(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = towline_plugin(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Refusal("a.yaml:1: no"), 1, "a.yaml:1: no\n"),
        (KeyboardInterrupt(), 130, ""),
        (KeyError("s3cret"), 3, "towline-plugin: bug in test_cli.py:"),
    ],
)
def test_errors_become_statuses_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    said: str,
) -> None:
    def broken(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(calls, "seconds", broken)
    assert cli.main(["generate"]) == status
    printed = capsys.readouterr().err
    assert printed.startswith(said)
    assert "s3cret" not in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("command", ["", "discover", "parameters", "generate", "render"])
def test_each_command_says_what_it_does(tmp_path: Path, command: str) -> None:
    done = towline_plugin(tmp_path, *filter(None, [command]), "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(f"usage: towline-plugin {command}".rstrip().encode())
    assert b"\n\n" in done.stdout
