"""The manifests of a directory without a kustomization, one after another as they lie there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from plugin.errors import Refusal
from plugin.local import inside, tree_of
from plugin.pins.nodes import Node, Scalar, Tree
from plugin.pins.reading import is_null, mapping, word

_SUFFIXES = (".yaml", ".yml", ".json")


def joined(root: Path, stage: str) -> bytes:
    """The documents of the manifests in `stage`, by file name; raises Refusal and OSError."""
    texts = list(_manifests(root, stage))
    if not texts:
        raise Refusal(
            f"{stage or '.'}: holds neither a kustomization nor a manifest; add one, "
            "or a kustomization.yaml with 'resources: []' if nothing is meant"
        )
    return "".join(texts).encode()


def _manifests(root: Path, stage: str) -> Iterator[str]:
    directory = root / stage
    for name in sorted(one.name for one in directory.iterdir() if one.name.endswith(_SUFFIXES)):
        path = posixpath.join(stage, name)
        if inside(root, path).is_file():
            tree = tree_of(root, path)
            if _is_manifest(path, tree):
                yield _document(path, tree)


def _is_manifest(path: str, tree: Tree) -> bool:
    """All documents that say something are objects, or none is."""
    said = [one for one in tree.documents if not _silent(one)]
    strangers = [one for one in said if not word(mapping(one).get("kind"))]
    if strangers and len(strangers) != len(said):
        line = strangers[0].line
        raise Refusal(f"{path}:{line}: is not a Kubernetes object, but others here are; move it")
    return bool(said) and not strangers


def _silent(document: Node) -> bool:
    return isinstance(document, Scalar) and is_null(document)


def _document(path: str, tree: Tree) -> str:
    text = tree.text if tree.text.endswith("\n") else f"{tree.text}\n"
    if text.startswith("%") or "\n%" in text:
        raise Refusal(f"{path}:1: holds a YAML directive, which cannot be joined; remove it")
    return text if text.startswith("---") else f"---\n{text}"
