"""The manifests of a directory without a kustomization, one after another as they lie there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from plugin.errors import Refusal
from plugin.local import inside, tree_of
from plugin.pins.nodes import Alias, Node, Scalar, Sequence, Tree
from plugin.pins.reading import is_null, mapping, word

_SUFFIXES = (".yaml", ".yml", ".json")
_MEANT = "a kustomization.yaml with 'resources: []' if nothing is meant"


def joined(root: Path, stage: str) -> bytes:
    """The documents of the manifests in `stage`, by file name; raises Refusal and OSError."""
    found = list(_manifests(root, stage))
    if not found:
        raise Refusal(
            f"{stage or '.'}: holds neither a kustomization nor a manifest; add one, or {_MEANT}"
        )
    if not any(_brings(one) for _, tree in found for one in tree.documents):
        raise Refusal(
            f"{stage or '.'}: all its manifests are lists without items, which would delete all it "
            f"ever made; give them items, or add {_MEANT}"
        )
    return "".join(_document(path, tree) for path, tree in found).encode()


def _manifests(root: Path, stage: str) -> Iterator[tuple[str, Tree]]:
    directory = root / stage
    for name in sorted(one.name for one in directory.iterdir() if one.name.endswith(_SUFFIXES)):
        path = posixpath.join(stage, name)
        if inside(root, path).is_file():
            tree = tree_of(root, path)
            if _is_manifest(path, tree):
                yield path, tree


def _is_manifest(path: str, tree: Tree) -> bool:
    """All documents that say something are objects, or none is."""
    said = [one for one in tree.documents if not _silent(one)]
    strangers = [one for one in said if not word(mapping(one).get("kind"))]
    if strangers and len(strangers) != len(said):
        line = strangers[0].line
        raise Refusal(f"{path}:{line}: is not a Kubernetes object, but others here are; move it")
    return bool(said) and not strangers


def _brings(document: Node) -> bool:
    """Whether there is an object in it: Argo CD takes all that has a list `items` apart."""
    items = mapping(document).get("items")
    items = items.target if isinstance(items, Alias) else items
    return not _silent(document) and not (isinstance(items, Sequence) and not items.items)


def _silent(document: Node) -> bool:
    return isinstance(document, Scalar) and is_null(document)


def _document(path: str, tree: Tree) -> str:
    text = tree.text if tree.text.endswith("\n") else f"{tree.text}\n"
    if text.startswith("%") or "\n%" in text:
        raise Refusal(f"{path}:1: holds a YAML directive, which cannot be joined; remove it")
    return text if text.startswith("---") else f"---\n{text}"
