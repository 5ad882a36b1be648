"""Pins of the charts that a chart depends on."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.artifact import ChartName
from plugin.pins.nodes import Node, Refused, Tree
from plugin.pins.pin import Kind, Pin
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.versions import Place, chart_of, chart_pin, said, unnamed

# Helm 2 kept dependencies in a file of their own, which Helm 3 still reads for apiVersion v1.
FILES = ("Chart.yaml", "requirements.yaml")
_ALIASES = ("@", "alias:")


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The `dependencies` with one exact version; the chart's own versions are no pins.

    The lock beside the file goes with it (`chart_lock`); a package of the old version in `charts/`
    must be fetched again by `helm dependency build`
    (https://helm.sh/docs/helm/helm_dependency/).
    """
    name = file.rpartition("/")[2]
    root = mapping(tree.documents[0]) if tree.documents else mapping(None)
    if name not in FILES or (name == "Chart.yaml" and not word(root.get("apiVersion"))):
        return
    for item in sequence(root.get("dependencies")).items:
        yield from _dependency(Place(file, tree, Kind.CHART_DEPENDENCY, mapping(item)))


def _dependency(place: Place) -> Iterator[Pin | Refused]:
    name, repository = said(place.at.get("name")), said(place.at.get("repository"))
    if not name:
        return
    chart = _chart(name, repository)
    if chart is None:
        yield unnamed(place, f"{repository}/{name}")
    elif _is_local(repository):
        reason = "is a chart of this repository, whose own Chart.yaml says its version"
        yield place.refused(reason, _said(place.at.get("version")), chart)
    else:
        yield chart_pin(place, chart, place.at.get("version"))


def _chart(name: str, repository: str) -> ChartName | None:
    """The chart; what Helm calls a repository on somebody's machine is not its address."""
    known = not _is_local(repository) and not repository.startswith(_ALIASES)
    return chart_of(repository if known else "", name)


def _is_local(repository: str) -> bool:
    return not repository or repository.startswith("file:")


def _said(node: Node | None) -> str:
    return said(node) or "?"
