"""Noise is what a bump changes beside the versions, and it is found."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from bench.edit import outside_pins, pinned

FILE = "images:\n  - name: nginx\n    newTag: 1.2  # ours\n"


def test_only_what_is_no_version_is_noise(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "corpus.tar", "w") as tar:
        for name, text in (("kustomization.yaml", FILE), ("b.yaml", "replicas: 3\n")):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    (found,) = pinned(tmp_path / "corpus.tar")
    assert outside_pins(FILE, found.bumped) == 0
    spoiled = found.bumped.replace("  # ours", " # ours")
    assert outside_pins(FILE, spoiled) >= len(FILE.splitlines()[2])
    assert outside_pins(FILE, found.bumped + "\n# more") > 0
