"""Pins of Helm charts in kustomizations and in the objects of Flux and k3s."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.artifact import ChartName
from plugin.artifact.chart import is_version
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.nodes import Mapping, Refused, Tree
from plugin.pins.objects import is_object, objects
from plugin.pins.pin import Field, Kind, Pin
from plugin.pins.reading import mapping, sequence
from plugin.pins.versions import Place, chart_of, chart_pin, nothing, said, unnamed, version_pin

_RELEASES = "helm.toolkit.fluxcd.io/"
_SOURCES = "source.toolkit.fluxcd.io/"
_OCI = "oci://"
_K3S = "helm.cattle.io/"
# Their charts lie in a directory, and Flux ignores `version`
# (https://fluxcd.io/flux/components/source/helmcharts/#version).
_DIRECTORIES = ("GitRepository", "Bucket")


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """`helmCharts` of a kustomization, charts of HelmReleases and HelmCharts, OCI sources' tags."""
    root = mapping(tree.documents[0]) if tree.documents else mapping(None)
    if is_kustomization(file, root):
        for item in sequence(root.get("helmCharts")).items:
            yield from _inflated(Place(file, tree, Kind.CHART, mapping(item)))
        return
    for one in objects(tree):
        spec = mapping(one.get("spec"))
        if is_object(one, _RELEASES, "HelmRelease"):
            chart = mapping(mapping(spec.get("chart")).get("spec"))
            yield from _released(Place(file, tree, Kind.CHART, chart))
        elif is_object(one, _SOURCES, "HelmChart"):
            yield from _released(Place(file, tree, Kind.CHART, spec))
        elif is_object(one, _SOURCES, "OCIRepository"):
            yield from _stored(Place(file, tree, Kind.CHART, spec))
        elif is_object(one, _K3S, "HelmChart"):
            yield from _installed(Place(file, tree, Kind.CHART, spec))


def _inflated(place: Place) -> Iterator[Pin | Refused]:
    """An entry of `helmCharts`; one without `repo` is inflated from a directory.

    https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/helmcharts/
    """
    name, repository = said(place.at.get("name")), said(place.at.get("repo"))
    if not name or not repository:
        return
    chart = chart_of(repository, name)
    if chart is None:
        yield unnamed(place, f"{repository}/{name}")
    else:
        yield chart_pin(place, chart, place.at.get("version"))


def _released(place: Place) -> Iterator[Pin | Refused]:
    """`chart.spec` of a HelmRelease, or a HelmChart; the repository is in another file."""
    name, source = said(place.at.get("chart")), mapping(place.at.get("sourceRef"))
    if not name or said(source.get("kind")) in _DIRECTORIES:
        return
    chart = chart_of("", name)
    if chart is None:
        yield unnamed(place, name)
    else:
        yield chart_pin(place, chart, place.at.get("version"))


def _installed(place: Place) -> Iterator[Pin | Refused]:
    """A chart of k3s (https://docs.k3s.io/helm); one at an address has its version in it."""
    name, repository = said(place.at.get("chart")), said(place.at.get("repo"))
    stored = name.startswith(_OCI)
    if not name or ("://" in name and not stored):
        return
    chart = chart_of("" if stored else repository, name)
    if chart is None:
        yield unnamed(place, f"{repository}/{name}" if repository else name)
    else:
        yield chart_pin(place, chart, place.at.get("version"))


def _stored(place: Place) -> Iterator[Pin | Refused]:
    """The tag of an OCIRepository: nearly all of them hold charts, the others go the same way.

    A digest decides before a range, and a range before a tag
    (https://fluxcd.io/flux/components/source/ocirepositories/#reference).
    """
    address, ref = said(place.at.get("url")), mapping(place.at.get("ref"))
    if not address:
        return
    chart = chart_of("", address) if address.startswith(_OCI) else None
    if chart is None:
        yield unnamed(place, address)
    else:
        yield _tagged(place, chart, ref)


def _tagged(place: Place, chart: ChartName, ref: Mapping) -> Pin | Refused:
    for field in ("digest", "semver"):
        if not nothing(ref.get(field)):
            reason = f"'{field}' decides, whatever the tag says; write 'tag' alone"
            return place.refused(reason, said(ref.get(field)), chart)
    tag = ref.get("tag")
    if nothing(tag):
        return place.refused("follows the tag 'latest'; write one version as 'tag'", "?", chart)
    problem = None
    if not is_version(said(tag).replace("_", "+")):
        problem = f"follows the tag '{said(tag)[:120]}'; write one version such as 1.2.3"
    return version_pin(place, chart, tag, problem, Field.OCI_TAG)
