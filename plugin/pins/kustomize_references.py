"""What a kustomization says it is made of: other kustomizations, manifests, patches, texts."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from plugin.pins.merge_keys import fields_of
from plugin.pins.nodes import Alias, Node, Scalar, Tree
from plugin.pins.reading import is_null, mapping, scalar_of, sequence


class Use(enum.Enum):
    """What kustomize does with a reference."""

    FILE = "reads it as a file"
    BASE = "reads it as a file, or builds the directory"
    PATCH = "takes it as a patch, or reads it as a file"
    PLUGIN = "takes it as a plugin's configuration, or reads or builds that"


class Reference(NamedTuple):
    """A scalar that kustomize loads something for."""

    use: Use
    scalar: Scalar


_Reader: TypeAlias = Callable[[Node], Iterator[Reference]]


def references(tree: Tree) -> Iterator[Scalar]:
    """Every scalar of a kustomization that kustomize loads a file or directory for."""
    return (one.scalar for one in uses(tree))


def uses(tree: Tree) -> Iterator[Reference]:
    """The same with what becomes of them, in the order of the file.

    As kustomize reads it
    (https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.1/api/types/kustomization.go):
    the first document, names of fields in any case, aliases and merge keys followed.
    """
    for name, value in _fields(_first(tree)):
        reader = _READERS.get(name)
        if reader is not None:
            yield from reader(value)


def strangers(tree: Tree) -> tuple[str, ...]:
    """The fields that kustomize 5.8 does not know: a newer one may read anything for them."""
    names = (name for name, _ in _fields(_first(tree)))
    return tuple(name for name in names if name not in _READERS and name not in _OTHERS)


def values(node: Node | None, field: str) -> Iterator[Node]:
    """What a mapping says for `field`, in lower case: twice where it is written in two cases."""
    return (value for name, value in _fields(resolved(node)) if name == field)


def resolved(node: Node | None) -> Node | None:
    """`node`, or what it is an alias of."""
    return node.target if isinstance(node, Alias) else node


def _first(tree: Tree) -> Node | None:
    return tree.documents[0] if tree.documents else None


def _fields(node: Node | None) -> Iterator[tuple[str, Node]]:
    """A mapping's fields in lower case: Go's JSON reader takes any."""
    for name, value in fields_of(mapping(node), {}).items():
        yield name.casefold(), value


def _scalars(use: Use, node: Node | None) -> Iterator[Reference]:
    scalar = scalar_of(node)
    if scalar is not None and scalar.value and not is_null(scalar):
        yield Reference(use, scalar)


def _list(use: Use) -> _Reader:
    def read(node: Node) -> Iterator[Reference]:
        for item in sequence(resolved(node)).items:
            yield from _scalars(use, item)

    return read


def _paths(node: Node) -> Iterator[Reference]:
    for item in sequence(resolved(node)).items:
        yield from _path(item)


def _path(node: Node) -> Iterator[Reference]:
    for value in values(node, "path"):
        yield from _scalars(Use.FILE, value)


def _generators(node: Node) -> Iterator[Reference]:
    for item in sequence(resolved(node)).items:
        for name, value in _fields(resolved(item)):
            if name == "files":
                for use, scalar in _list(Use.FILE)(value):
                    yield Reference(use, scalar._replace(value=scalar.value.rpartition("=")[2]))
            elif name == "envs":
                yield from _list(Use.FILE)(value)
            elif name == "env":
                yield from _scalars(Use.FILE, value)


_READERS: dict[str, _Reader] = {
    "resources": _list(Use.BASE),
    "bases": _list(Use.BASE),
    "components": _list(Use.BASE),
    "crds": _list(Use.FILE),
    "configurations": _list(Use.FILE),
    "generators": _list(Use.PLUGIN),
    "transformers": _list(Use.PLUGIN),
    "validators": _list(Use.PLUGIN),
    "patchesstrategicmerge": _list(Use.PATCH),
    "patches": _paths,
    "patchesjson6902": _paths,
    "replacements": _paths,
    "openapi": _path,
    "configmapgenerator": _generators,
    "secretgenerator": _generators,
}
# Fields that read nothing; charts are read by Helm.
_OTHERS = frozenset(
    (
        "apiversion kind metadata nameprefix namesuffix namespace commonlabels labels "
        "commonannotations images imagetags replicas vars sortoptions generatoroptions "
        "buildmetadata helmglobals helmcharts helmchartinflationgenerator"
    ).split()
)
