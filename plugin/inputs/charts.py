"""The Helm charts that a kustomization asks for, and what of them must never reach Helm."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from plugin.errors import Refusal
from plugin.pins.kustomize_references import resolved, values
from plugin.pins.nodes import Mapping, Node, Scalar, Tree
from plugin.pins.reading import is_null, mapping, scalar_of, sequence

_HOME = "charts"
# Names of fields in lower case: of `helmCharts`, and of what came before it.
_NEW = {
    "name": "name",
    "version": "version",
    "repo": "repo",
    "release": "releasename",
    "values": "valuesfile",
}
_OLD = {
    "name": "chartname",
    "version": "chartversion",
    "repo": "chartrepourl",
    "release": "releasename",
    "values": "values",
}


class Chart(NamedTuple):
    """A chart, the directory where it is looked for, whether it could be fetched, values' files.

    The directory is relative to the kustomization.
    """

    line: int
    directory: str
    fetchable: bool
    files: tuple[Scalar, ...]


def charts_of(file: str, tree: Tree) -> Iterator[Chart]:
    """The charts of `helmCharts` and `helmChartInflationGenerator`, as kustomize finds them.

    https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.1/api/types/helmchartargs.go.
    Raises Refusal for what would be given to Helm as an option or as its own configuration.
    """
    root = tree.documents[0] if tree.documents else None
    old = list(_items(root, "helmchartinflationgenerator"))
    new = list(_items(root, "helmcharts"))
    globals_ = next(values(root, "helmglobals"), None)
    for node in (globals_, *old):
        _check_configuration(file, node)
    homes = [_text(file, one, "charthome") for one in old] if globals_ is None else []
    home = _text(file, globals_, "charthome") or next(filter(None, reversed(homes)), _HOME)
    for node in new:
        yield _chart(file, node, home, _NEW)
    for node in old:
        yield _chart(file, node, home, _OLD)


def _items(root: Node | None, field: str) -> Iterator[Mapping]:
    for value in values(root, field):
        for item in sequence(resolved(value)).items:
            yield mapping(resolved(item))


def _chart(file: str, node: Mapping, home: str, fields: dict[str, str]) -> Chart:
    name, version, repo = (_text(file, node, fields[one]) for one in ("name", "version", "repo"))
    for text in (name, _text(file, node, fields["release"])):
        if text.startswith("-"):
            raise Refusal(f"{file}:{node.line}: '{text[:120]}' would be an option of Helm; rename")
    parent = posixpath.join(home, f"{name}-{version}") if version and repo else home
    scalars = [scalar_of(one) for one in values(node, fields["values"])]
    for value in values(node, "additionalvaluesfiles"):
        scalars += [scalar_of(one) for one in sequence(resolved(value)).items]
    files = tuple(one for one in scalars if one is not None and one.value and not is_null(one))
    return Chart(node.line, f"{parent}/{name}", bool(repo), files)


def _check_configuration(file: str, node: Node | None) -> None:
    for field in ("confighome", "helmhome"):
        if _text(file, node, field):
            line = mapping(resolved(node)).line
            raise Refusal(
                f"{file}:{line}: brings its own configuration of Helm, which may run programs; "
                "remove it"
            )


def _text(file: str, node: Node | None, field: str) -> str:
    """The text of a field, '' without; raises Refusal where it is written in two cases."""
    found = [scalar for scalar in map(scalar_of, values(node, field)) if scalar is not None]
    if len(found) > 1:
        raise Refusal(f"{file}:{found[1].line}: says '{field}' twice; keep one of them")
    return found[0].value if found and not is_null(found[0]) else ""
