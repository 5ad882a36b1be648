"""Argo CD's Helm parameters that set the version of an image, over whatever the values say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from plugin.artifact import Repository
from plugin.pins.image_groups import Group, Place, versions_in
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Tree
from plugin.pins.reading import mapping, sequence
from plugin.pins.values_places import global_registry, helm_blocks

_VERSIONS = ("image", "tag", "digest")


def parameters_in(file: str, tree: Tree) -> Iterator[Refused]:
    """A refusal of each parameter that sets a version, for the images it may be a version of.

    Other parameters or `valuesObject` name its image; where neither does, the chart's own values
    do, and nothing in this file is a version of it.
    https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-parameters
    """
    for block in helm_blocks(tree):
        parameters = list(_parameters(block))
        beside: dict[str, dict[str, Node]] = {}
        for name, node in parameters:
            prefix, _, key = name.value.rpartition(".")
            beside.setdefault(prefix, {})[key] = node
        images: dict[str, _Images] = {}
        for name, _ in parameters:
            if name.value.lower().endswith(_VERSIONS):
                prefix = name.value.rpartition(".")[0]
                if prefix not in images:
                    places = _places(file, tree, block, prefix, beside[prefix])
                    images[prefix] = _Images.of({one for at in places for one in _images(at)})
                yield _refused(file, name, images[prefix])


class _Images(NamedTuple):
    """What parameters beside each other may be versions of: one place can be refused once."""

    text: str
    subject: Repository | None

    @classmethod
    def of(cls, images: set[Repository]) -> _Images:
        text = ":".join(sorted(map(str, images))) or "?"
        return cls(text, next(iter(images)) if len(images) == 1 else None)


def _parameters(block: Mapping) -> Iterator[tuple[Scalar, Node]]:
    for item in sequence(block.get("parameters")).items:
        name, value = mapping(item).get("name"), mapping(item).get("value")
        if isinstance(name, Scalar) and value is not None:
            yield name, value


def _places(
    file: str, tree: Tree, block: Mapping, prefix: str, set_here: dict[str, Node]
) -> Iterator[Place]:
    """What stands below `prefix` in the values, and what the parameters make of it."""
    values = mapping(block.get("valuesObject"))
    below = {key.value: node for key, node in _at(values, prefix).named()}
    registry = global_registry(values)
    for fields in (below, below | set_here):
        yield Place(file, tree, prefix.rpartition(".")[2], fields, registry)


def _at(values: Mapping, prefix: str) -> Mapping:
    for key in prefix.split(".") if prefix else ():
        node = values.get(key)
        values = mapping(node.target if isinstance(node, Alias) else node)
    return values


def _images(place: Place) -> Iterator[Repository]:
    for one in versions_in(place):
        subject = one.repository if isinstance(one, Group) else one.subject
        if isinstance(subject, Repository):
            yield subject


def _refused(file: str, name: Scalar, images: _Images) -> Refused:
    reason = f"parameter '{name.value[:80]}' sets a version; write it in 'valuesObject' instead"
    return Refused(file, name.line, name.column, reason, images.text, images.subject)
