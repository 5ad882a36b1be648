"""Pins in the sources of Argo CD's Applications and ApplicationSets."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.artifact import ChartName
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Tree
from plugin.pins.objects import is_object, objects
from plugin.pins.pin import Kind, Pin
from plugin.pins.reading import mapping, sequence
from plugin.pins.versions import (
    Place,
    chart_of,
    chart_pin,
    repository_of,
    revision_pin,
    said,
    unnamed,
)

_GROUP = "argoproj.io/"
_NESTING = ("matrix", "merge")
_OCI = "oci://"


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """Every `targetRevision`, and every `revision` of a Git generator.

    https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/,
    https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/
    """
    for one in objects(tree):
        for source, key in sources_of(one):
            yield from _source(file, tree, source, key)


def sources_of(one: Mapping) -> Iterator[tuple[Node | None, str]]:
    """The sources of an Application or ApplicationSet, and the key of their revisions."""
    spec = mapping(one.get("spec"))
    if is_object(one, _GROUP, "Application"):
        yield from _sources(spec)
    elif is_object(one, _GROUP, "ApplicationSet"):
        yield from _of_set(spec)


def _sources(spec: Mapping) -> Iterator[tuple[Node | None, str]]:
    hydrated = mapping(spec.get("sourceHydrator")).get("drySource")
    for source in (spec.get("source"), *sequence(spec.get("sources")).items, hydrated):
        yield source, "targetRevision"


def _of_set(spec: Mapping) -> Iterator[tuple[Node | None, str]]:
    for template in _templates(spec):
        yield from _sources(mapping(mapping(template).get("spec")))
    for generator in _generators(spec.get("generators")):
        yield generator.get("git"), "revision"


def _templates(spec: Mapping) -> Iterator[Node | None]:
    """The set's template, and those with which generators overrule it."""
    yield spec.get("template")
    for generator in _generators(spec.get("generators")):
        yield from (mapping(value).get("template") for _, value in generator.named())


def _generators(generators: Node | None) -> Iterator[Mapping]:
    """Every generator, those inside matrix and merge generators included."""
    for item in sequence(generators).items:
        generator = mapping(item)
        yield generator
        for name in _NESTING:
            yield from _generators(mapping(generator.get(name)).get("generators"))


def _source(file: str, tree: Tree, node: Node | None, key: str) -> Iterator[Pin | Refused]:
    if isinstance(node, Alias):
        reason = f"'*{node.name}' is an alias; write the source here"
        said_there = said(mapping(node.target).get("repoURL"))
        yield Refused(file, node.line, node.column, reason, said_there or "?")
    source = mapping(node)
    place = Place(file, tree, Kind.ARGOCD_REVISION, source)
    address, name = said(source.get("repoURL")), said(source.get("chart"))
    if address:
        yield _pin(place, address, name, source.get(key))


def _pin(place: Place, address: str, name: str, revision: Node | None) -> Pin | Refused:
    if name or address.lower().startswith(_OCI):
        chart = _chart(address, name)
        return chart_pin(place, chart, revision) if chart else unnamed(place, f"{address}/{name}")
    git = repository_of(address)
    return revision_pin(place, git, revision) if git else unnamed(place, address)


def _chart(address: str, name: str) -> ChartName | None:
    """The chart; an address without a scheme is a registry's.

    https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#declarative
    """
    repository = address if "://" in address else f"{_OCI}{address}"
    return chart_of(repository, name) if name else chart_of("", repository)
