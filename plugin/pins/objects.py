"""The Kubernetes objects of a text, those inside lists included."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.pins.nodes import Mapping, Tree
from plugin.pins.reading import mapping, sequence, word


def objects(tree: Tree) -> Iterator[Mapping]:
    """Every document with apiVersion and kind, and the items of a `List`."""
    for document in tree.documents:
        root = mapping(document)
        if word(root.get("kind")) == "List":
            yield from (mapping(item) for item in sequence(root.get("items")).items)
        elif is_object(root, "", word(root.get("kind"))):
            yield root


def is_object(root: Mapping, group: str, kind: str) -> bool:
    """Whether `root` is a `kind` of the API group `group`, in any version of it."""
    version = word(root.get("apiVersion"))
    return bool(kind and version) and version.startswith(group) and word(root.get("kind")) == kind
