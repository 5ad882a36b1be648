"""Programs are found where their variables say, in the checkout, or on PATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.sandbox.demo.programs import Programs
from plugin.errors import Refusal


def program(directory: Path, name: str) -> Path:
    directory.mkdir(exist_ok=True)
    made = directory / name
    made.write_text("#!/bin/sh\n")
    made.chmod(0o755)
    return made


def test_the_checkouts_registry_goes_before_path_and_the_variable_before_both(
    tmp_path: Path,
) -> None:
    kustomize, here = program(tmp_path, "kustomize"), program(tmp_path, "registry")
    own, chosen = program(tmp_path / "own", "registry"), program(tmp_path / "chosen", "registry")
    environ = {"PATH": str(tmp_path), "TOWLINE_KUSTOMIZE": str(kustomize)}
    assert Programs.find(environ, tmp_path / "none").registry == here
    assert Programs.find(environ, own).registry == own
    found = Programs.find({**environ, "TOWLINE_REGISTRY": str(chosen)}, own)
    assert found == Programs((str(kustomize), "build"), chosen)


def test_everything_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        Programs.find({"TOWLINE_KUSTOMIZE": "/none", "PATH": str(tmp_path)}, tmp_path / "none")
    kustomize, registry = str(refused.value).splitlines()
    assert "TOWLINE_KUSTOMIZE is '/none', which is not a program" in kustomize
    assert registry == (
        "the registry is not installed: run 'make setup-demo' in a checkout of Towline, "
        "or name the program in TOWLINE_REGISTRY"
    )
