"""A machine without the built programs: every test says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.argocd import programs
from tests.argocd.cluster import Cluster
from tests.argocd.repo_server import RepoServer


@pytest.fixture(autouse=True)
def nothing_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "TOOLS", tmp_path / ".tools")


def test_a_missing_program_skips_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="argocd is missing: run 'make setup-argocd'"):
        RepoServer(tmp_path)
    with pytest.raises(pytest.skip.Exception, match="etcd is missing: run 'make setup-argocd'"):
        Cluster(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_sources_skip(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="run 'make setup-argocd'"):
        programs.argocd_files()
    (tmp_path / ".tools").mkdir()
    (tmp_path / ".tools" / "argocd-v1.2.3").write_text(f"{tmp_path}\n", encoding="utf-8")
    assert programs.argocd_files() == tmp_path
