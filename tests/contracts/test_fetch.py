"""What is fetched is what the lock file pins, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from tests.contracts import fetch


def test_every_package_is_pinned_with_its_integrity() -> None:
    locked = json.loads((fetch.HERE / "package-lock.json").read_text())["packages"]
    named = json.loads((fetch.HERE / "package.json").read_text())
    wanted = named["dependencies"] | named["optionalDependencies"]
    assert {pack.package for pack in fetch.PACKS} == named["optionalDependencies"].keys()
    for package, version in wanted.items():
        pin = locked[f"node_modules/{package}"]
        assert pin["version"] == version
        assert pin["integrity"].startswith("sha512-")


def test_other_bytes_than_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "package.tgz"
    archive.write_bytes(b"as published")
    digest = hashlib.sha512(b"as published").digest()
    integrity = "sha512-" + base64.b64encode(digest).decode()
    fetch._check(archive, integrity, "package@1")
    archive.write_bytes(b"tampered with")
    with pytest.raises(SystemExit, match=r"not the package that package-lock\.json pins"):
        fetch._check(archive, integrity, "package@1")
