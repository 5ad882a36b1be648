"""kustomize's image overrides outside of kustomizations: in objects of Argo CD and Flux."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from plugin.artifact import Reference
from plugin.pins.argocd_revisions import sources_of
from plugin.pins.kustomize_images import entries
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Tree
from plugin.pins.objects import is_object, objects
from plugin.pins.pin import Field, Kind, Part, Pin, Present
from plugin.pins.reading import mapping, raw, reference_of, sequence, word
from plugin.pins.versions import unmovable

_KUSTOMIZATIONS = "kustomize.toolkit.fluxcd.io/"
_RELEASES = "helm.toolkit.fluxcd.io/"
_WORD = "images"
# How many overrides of one image a sentence names.
_FEW = 3


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The overrides of Applications, Flux's Kustomizations and HelmReleases' post renderers.

    What they apply to is built from another directory or a chart, so no manifest beside them is
    taken for overridden: both move.
    """
    if _WORD not in tree.text:
        return
    for one in objects(tree):
        for found in _found(file, tree, one):
            yield replace(found, spelling="") if isinstance(found, Pin) else found


def _found(file: str, tree: Tree, one: Mapping) -> Iterator[Pin | Refused]:
    """The overrides of one object.

    https://fluxcd.io/flux/components/kustomize/kustomizations/#images,
    https://fluxcd.io/flux/components/helm/helmreleases/#post-renderers
    """
    spec = mapping(one.get("spec"))
    if is_object(one, _KUSTOMIZATIONS, "Kustomization"):
        yield from entries(file, tree, spec.get(_WORD))
    elif is_object(one, _RELEASES, "HelmRelease"):
        for renderer in sequence(spec.get("postRenderers")).items:
            kustomize = mapping(mapping(renderer).get("kustomize"))
            yield from entries(file, tree, kustomize.get(_WORD))
    for source, _ in sources_of(one):
        yield from _lines(file, tree, mapping(mapping(source).get("kustomize")).get(_WORD))


def _lines(file: str, tree: Tree, images: Node | None) -> Iterator[Pin | Refused]:
    """Argo CD's overrides: each is one text, `[NAME=]IMAGE[:TAG][@DIGEST]`.

    https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/
    """
    if isinstance(images, Alias):
        reason = f"'*{images.name}' is an alias; write the images here"
        yield Refused(file, images.line, images.column, reason)
    items = sequence(images).items
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        name, _, image = word(item).rpartition("=")
        some = meant[name or _repository(image)]
        if len(some) < _FEW:
            some.add(_repository(image))
    for item in items:
        name, _, image = word(item).rpartition("=")
        yield _line(file, tree, item, meant[name or _repository(image)])


def _repository(image: str) -> str:
    reference = reference_of(image)
    return str(reference.repository) if reference else image


def _line(file: str, tree: Tree, item: Node, several: set[str]) -> Pin | Refused:
    if not isinstance(item, Scalar):
        target = item.target if isinstance(item, Alias) else item
        reason = "is not an image override of one word; write it in place"
        return Refused(file, item.line, item.column, reason, _said(word(target)))
    name, equals, image = item.value.rpartition("=")
    reference = reference_of(image)
    problem = unmovable(tree, item)
    if problem is None and len(several) > 1:
        few = " and ".join(one[:120] for one in sorted(several))
        problem = f"one of the overrides with {few}; keep one of them"
    if reference is None or problem is not None or "=" in name:
        reason = problem or f"'{item.value[:120]}' is not [NAME=]IMAGE[:TAG][@DIGEST]"
        return Refused(file, item.line, item.column, reason, _said(item.value))
    return _pin(file, tree, item, f"{name}{equals}", reference)


def _said(text: str) -> str:
    """Every word of an override that may be an image's."""
    return text.replace("=", ":") or "?"


def _pin(file: str, tree: Tree, item: Scalar, before: str, reference: Reference) -> Pin:
    written = item.value.removeprefix(before).partition("@")[0].removesuffix(f":{reference.tag}")
    field = Field.DIGEST_SUFFIX if reference.digest and not reference.tag else Field.SUFFIX
    return Pin(
        file,
        item.line,
        item.column,
        Kind.KUSTOMIZE_IMAGE,
        reference.repository,
        reference.tag,
        reference.digest,
        raw(tree, item),
        (Part(Present(item), field, before=f"{before}{written}"),),
    )
