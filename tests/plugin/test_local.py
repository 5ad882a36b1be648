"""References of kustomizations: everything lies in the repository, or a line says what does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin.errors import Refusal
from plugin.local import check_local, inside, tree_of


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("resources: ['https://example.com/a.yaml']", "is remote; copy it into the repository"),
        ("resources: ['http://127.0.0.1:1/a.yaml']", "is remote"),
        ("components: ['ssh://git@github.com/a/b']", "is remote"),
        ("bases: ['git::https://github.com/a/b']", "is remote"),
        ("resources: ['github.com/acme/web?ref=-x']", "remote bases are not fetched"),
        ("resources: ['git@github.com:acme/web']", "remote bases are not fetched"),
        ("resources: [missing.yaml]", "'missing.yaml' is neither a file nor a directory"),
        ("resources: [/etc/passwd]", "'/etc/passwd' lies outside the repository"),
        ("resources: [../../../etc]", "'../../../etc' lies outside the repository"),
        ("resources: [link]", "stages/prod/link: leads out of the repository"),
        ("resources: [../../base]", "base/kustomization.yaml:1: 'http://b' is remote"),
        ("crds: ['http://x']", "'http://x' is remote"),
        ("openapi: {path: 'http://x'}", "'http://x' is remote"),
        ("patches: [{path: 'http://x'}]", "'http://x' is remote"),
        ("replacements: [{path: 'http://x'}]", "'http://x' is remote"),
        ("transformers: ['http://x']", "'http://x' is remote"),
        ("configMapGenerator: [{name: a, files: ['k=http://x']}]", "'http://x' is remote"),
        ("secretGenerator: [{name: a, envs: ['http://x']}]", "'http://x' is remote"),
        ('resources: ["a\\0b"]', "is neither a file nor a directory"),
        (f"resources: [{'a' * 5000}]", "is neither a file nor a directory"),
    ],
)
def test_nothing_outside_the_repository_is_read(tmp_path: Path, line: str, reason: str) -> None:
    root = write(
        tmp_path / "root",
        {
            "stages/prod/kustomization.yaml": f"{line}\n",
            "base/kustomization.yaml": "resources: ['http://b']\n",
        },
    )
    (root / "stages/prod/link").symlink_to(write(tmp_path / "outside", {"a.yaml": "a: 1\n"}))
    with pytest.raises(Refusal, match=re.escape(reason)):
        check_local(root, "stages/prod")


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [../more/a.yaml]\n",
            "more/a.yaml": "a: 1\n",
            "prod/kustomization.yaml": "resources: [linked, ../circle, '']\n",
            "circle/Kustomization": "resources: [../prod, ../base]\n",
        },
    )
    (root / "prod/linked").symlink_to("../base")
    check_local(root, "prod")
    check_local(root, "nothing/here")


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
