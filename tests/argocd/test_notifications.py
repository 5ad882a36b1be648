"""The component for Argo CD's notifications, on Argo CD's own manifests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from plugin.kustomize.build import Kustomize
from tests.argocd.chain import SETTINGS, settings
from tests.argocd.programs import argocd_files

KUSTOMIZATION = """\
resources: [argocd-notifications-cm.yaml, argocd-notifications-secret.yaml]
components: [notifications]
"""


def test_the_component_fills_argo_cds_own_settings(tmp_path: Path, kustomize: Path) -> None:
    for name in ("argocd-notifications-cm.yaml", "argocd-notifications-secret.yaml"):
        shutil.copy(argocd_files() / "manifests" / "base" / "notification" / name, tmp_path)
    shutil.copytree(SETTINGS.parent, tmp_path / "notifications")
    (tmp_path / "kustomization.yaml").write_text(KUSTOMIZATION, encoding="utf-8")
    printed = Kustomize((str(kustomize), "build")).build(tmp_path, "")
    found: dict[str, Any] = {one["kind"]: one for one in yaml.safe_load_all(printed)}
    assert found["ConfigMap"]["data"] == settings()
    assert "data" not in found["Secret"]


def test_every_secret_is_asked_of_the_operator() -> None:
    service = yaml.safe_load(settings()["service.github"])
    text = (SETTINGS.parent / "README.md").read_text(encoding="utf-8")
    assert all(f"{value.removeprefix('$')}:" in text for value in service.values())
