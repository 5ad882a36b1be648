"""Where `make setup-argocd` has put the programs; a test that misses one is skipped loudly."""

from __future__ import annotations

from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent.parent / ".tools"
PATH = f"{TOOLS / 'bin'}:/usr/local/bin:/usr/bin:/bin"
ASK = "run 'make setup-argocd'"


def program(name: str) -> Path:
    """The built program."""
    found = TOOLS / "bin" / name
    if not found.exists():
        pytest.skip(f"{name} is missing: {ASK}")
    return found


def argocd_files() -> Path:
    """The source of Argo CD in Go's module cache: its resource definitions are there."""
    stamps = list(TOOLS.glob("argocd-v*"))
    places = [Path(stamp.read_text(encoding="utf-8").strip()) for stamp in stamps]
    if len(places) != 1 or not places[0].is_dir():
        pytest.skip(f"the source of Argo CD is missing: {ASK}")
    return places[0]


def require(*names: str) -> None:
    """Nothing, or a skipped test: before anything is started."""
    for name in names:
        program(name)
