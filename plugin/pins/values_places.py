"""Where Helm values stand: values files, Flux releases, Argo CD applications, kustomizations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.pins.image_groups import text_of
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.nodes import Mapping, Scalar, Tree
from plugin.pins.reading import mapping, sequence, word

_NAME = re.compile(r"values.*\.ya?ml|.*[._-]values\.ya?ml")
_DIRECTORY = re.compile(r"(?:.*/)?values/.*\.ya?ml")


def is_values_file(file: str) -> bool:
    """Whether a file is taken for Helm values by its name or directory."""
    name = file.rpartition("/")[2]
    return _NAME.fullmatch(name) is not None or _DIRECTORY.fullmatch(file) is not None


def values_in(file: str, tree: Tree) -> Iterator[Mapping]:
    """The roots of all Helm values in a file, in the order of the text.

    Helm and kustomize read a file's first document only.
    """
    for number, document in enumerate(tree.documents):
        root = mapping(document)
        if number == 0 and is_kustomization(file, root):
            for chart in sequence(root.get("helmCharts")).items:
                yield mapping(mapping(chart).get("valuesInline"))
        elif _is_object(root):
            for one in _objects(root):
                yield from _values_of(one)
        elif number == 0 and is_values_file(file):
            yield root


def texts_in(tree: Tree) -> Iterator[Scalar]:
    """The scalars that hold Helm values as text: a file in a file."""
    for document in tree.documents:
        for one in _objects(mapping(document)):
            yield from _texts_of(one)


def helm_blocks(tree: Tree) -> Iterator[Mapping]:
    """The `helm` blocks of all applications in a file."""
    for document in tree.documents:
        for one in _objects(mapping(document)):
            yield from _argocd(one)


def global_registry(values: Mapping) -> str:
    """What charts call the registry of all their images, '' for nothing."""
    around = mapping(values.get("global"))
    return text_of(around.get("imageRegistry")) or text_of(around.get("registry"))


def _is_object(root: Mapping) -> bool:
    return bool(word(root.get("kind")) and word(root.get("apiVersion")))


def _objects(root: Mapping) -> Iterator[Mapping]:
    """The Kubernetes object in a document, or those in its list."""
    if word(root.get("kind")).endswith("List") and root.get("items") is not None:
        for item in sequence(root.get("items")).items:
            yield mapping(item)
    elif _is_object(root):
        yield root


def _values_of(root: Mapping) -> Iterator[Mapping]:
    """Values as an object, of Flux and of Argo CD.

    https://fluxcd.io/flux/components/helm/helmreleases/#values
    https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#values
    """
    if word(root.get("kind")) == "HelmRelease" and "fluxcd.io/" in word(root.get("apiVersion")):
        yield mapping(mapping(root.get("spec")).get("values"))
    for helm in _argocd(root):
        yield mapping(helm.get("valuesObject"))


def _argocd(root: Mapping) -> Iterator[Mapping]:
    """The `helm` blocks of an Application, or of the one that an ApplicationSet writes."""
    kind = word(root.get("kind"))
    if not word(root.get("apiVersion")).startswith("argoproj.io/"):
        return
    spec = mapping(root.get("spec"))
    if kind == "ApplicationSet":
        spec = mapping(mapping(spec.get("template")).get("spec"))
    if kind in ("Application", "ApplicationSet"):
        for source in (spec.get("source"), *sequence(spec.get("sources")).items):
            yield mapping(mapping(source).get("helm"))


def _texts_of(root: Mapping) -> Iterator[Scalar]:
    """Also k3s's charts (https://docs.k3s.io/helm) and what Flux's `valuesFrom` reads."""
    kind, spec = word(root.get("kind")), mapping(root.get("spec"))
    texts = [helm.get("values") for helm in _argocd(root)]
    if kind in ("HelmChart", "HelmChartConfig"):
        texts.append(spec.get("valuesContent"))
    if kind in ("ConfigMap", "Secret"):
        for data in (mapping(root.get("data")), mapping(root.get("stringData"))):
            texts += (value for key, value in data.named() if is_values_file(key.value))
    yield from (one for one in texts if isinstance(one, Scalar))
