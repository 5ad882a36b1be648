"""What a kustomization says it is made of: other kustomizations, manifests, patches, texts."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.pins.nodes import Mapping, Node, Scalar, Tree
from plugin.pins.reading import mapping, sequence, word

_LISTS = (
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
)
_PATHS = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")


def references(tree: Tree) -> Iterator[Scalar]:
    """Every scalar of a kustomization that kustomize loads a file or directory for."""
    for document in tree.documents[:1]:
        root = mapping(document)
        for key in _LISTS:
            yield from _scalars(root.get(key))
        for key in _PATHS:
            for item in sequence(root.get(key)).items:
                yield from _scalar(mapping(item).get("path"))
        yield from _scalar(mapping(root.get("openapi")).get("path"))
        for key in _GENERATORS:
            for item in sequence(root.get(key)).items:
                yield from _generated(mapping(item))


def _generated(entry: Mapping) -> Iterator[Scalar]:
    for scalar in _scalars(entry.get("files")):
        yield scalar._replace(value=scalar.value.rpartition("=")[2])
    yield from _scalars(entry.get("envs"))
    yield from _scalar(entry.get("env"))


def _scalars(node: Node | None) -> Iterator[Scalar]:
    for item in sequence(node).items:
        yield from _scalar(item)


def _scalar(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Scalar) and word(node):
        yield node
