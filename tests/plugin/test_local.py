"""Files of a repository: paths that lead out of it and files that are no YAML are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.local import inside, tree_of


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_path_is_followed_to_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    assert inside(tmp_path, "link") == tmp_path / "real"
    (tmp_path / "out").symlink_to("/etc")
    with pytest.raises(Refusal, match=r"^out/passwd: leads out of the repository"):
        inside(tmp_path, "out/passwd")


def test_a_broken_kustomization_is_refused_with_its_line(tmp_path: Path) -> None:
    root = write(tmp_path, {"a/kustomization.yaml": "resources:\n- a\nb\n"})
    with pytest.raises(Refusal, match=r"^a/kustomization\.yaml:4: is not YAML"):
        tree_of(root, "a/kustomization.yaml")
