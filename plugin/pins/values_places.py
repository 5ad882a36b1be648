"""Where Helm values stand: values files, Flux releases, Argo CD applications, kustomizations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.pins.image_groups import is_image_key
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.nodes import Mapping, Node, Scalar, Sequence, Tree
from plugin.pins.reading import mapping, sequence, text_of, word

_KIND = r"(?<!\.schema)\.(?:ya?ml|json)"
_NAME = re.compile(rf"(?:values.*|.*[._-]values){_KIND}")
_DIRECTORY = re.compile(rf"(?:.*[/._-])?values/.*{_KIND}")
_LIKELY = re.compile(rf"(?:.*[._-])?(?:values|helm)(?:[._-].*)?{_KIND}")
# GitHub's workflows and Docker's compose files name images, too; neither is part of a stage.
_FOREIGN = re.compile(r"(?:.*/)?(?:\.github/.*|docker-compose[^/]*|compose\.[^/]*)")
_OF_A_JOB = ("runs-on", "steps", "uses")


def is_values_file(file: str) -> bool:
    """Whether a file is taken for Helm values by its name or directory."""
    name = file.rpartition("/")[2]
    known = _NAME.fullmatch(name) is not None or _DIRECTORY.fullmatch(file) is not None
    return known and _FOREIGN.fullmatch(file) is None


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
        elif number == 0 and (is_values_file(file) or _is_values(file, tree, root)):
            yield root


def _is_values(file: str, tree: Tree, root: Mapping) -> bool:
    """Whether a file of any name holds values, going by what it holds.

    That is a global registry of images, or an image of `repository` and `tag` below a key that
    says so; nothing else writes them. A name with `helm` in it is enough for what is no object.
    """
    if root.get("apiVersion") or root.get("kind") or _FOREIGN.fullmatch(file) or _runs(root):
        return False
    if _LIKELY.fullmatch(file.rpartition("/")[2]):
        return True
    if mapping(root.get("global")).get("imageRegistry") is not None:
        return True
    return "repository" in tree.text and "tag" in tree.text and _has_group("", root)


def _runs(root: Mapping) -> bool:
    """Whether services of Docker or jobs of GitHub stand here."""
    services = (mapping(one) for _, one in mapping(root.get("services")).pairs)
    jobs = (mapping(one) for _, one in mapping(root.get("jobs")).pairs)
    return any(isinstance(one.get("image"), Scalar) for one in services) or any(
        one.get(key) is not None for one in jobs for key in _OF_A_JOB
    )


def _has_group(key: str, node: Node) -> bool:
    if isinstance(node, Sequence):
        return any(_has_group("", item) for item in node.items)
    if not isinstance(node, Mapping):
        return False
    if is_image_key(key) and text_of(node.get("repository")) and text_of(node.get("tag")):
        return True
    return any(_has_group(name.value, value) for name, value in node.named())


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
    around = values.get("global")
    if not isinstance(around, Mapping):
        return ""
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
