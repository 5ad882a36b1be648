"""A checkout to run the commands in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.story.world import FILES, KUSTOMIZATION

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: web}]}}}
"""
SHOP = FILES | {
    "base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "base/deployment.yaml": DEPLOYMENT,
}
Checkout = Callable[..., Path]


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder as somebody."""
    who = ("-c", "user.name=Alice", "-c", "user.email=alice@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Makes a checkout of these files, the shop's by default, all committed."""

    def make(files: Mapping[str, str] = SHOP, image: str = "ghcr.io/acme/web") -> Path:
        root = tmp_path / "shop"
        for name, text in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("ghcr.io/acme/web", image))
        git(root, "init", "--quiet", "--initial-branch=main", ".")
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message=First")
        return root

    return make


__all__ = ["DEPLOYMENT", "KUSTOMIZATION", "SHOP", "Checkout", "checkout", "git"]
