"""Pins in `image:` fields of Kubernetes manifests: workloads, custom resources, lists."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Field, Kind, Part, Pin, Present
from plugin.pins.reading import (
    is_null,
    mapping,
    raw,
    reference_of,
    refused,
    unwritable,
    word,
)

FIELD = "image"
# Their `image` fields describe images or schemas; nothing runs what is written there.
NOT_RUN = frozenset({"CustomResourceDefinition"})


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The `image:` scalars with a tag or digest in every document with apiVersion and kind.

    An image without a version is not a pin: kustomize's `images` or nobody decides it.
    """
    if FIELD not in tree.text:
        return
    wary = any(one in tree.text for one in NOT_RUN)
    for document in tree.documents:
        root = mapping(document)
        kind = word(root.get("kind"))
        manifest = bool(kind and word(root.get("apiVersion")))
        if manifest and kind not in NOT_RUN and not is_kustomization(file, root):
            fields = list(_fields(root, wary))
            own = {one.event for one in fields if isinstance(one, Scalar)}
            for field in fields:
                yield from _field(file, tree, field, own)


def _fields(node: Node, wary: bool) -> Iterator[Node]:
    """What stands behind every `image` key below `node`, in the order of the text.

    A volume's image is a map with a `reference`
    (https://kubernetes.io/docs/concepts/storage/volumes/#image).
    """
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _fields(item, wary)
    elif isinstance(node, Mapping) and not (wary and word(node.get("kind")) in NOT_RUN):
        for key, value in node.named():
            if key.value == FIELD:
                yield mapping(value).get("reference") or value
            if not isinstance(value, Scalar):
                yield from _fields(value, wary)


def _field(file: str, tree: Tree, value: Node, own: set[int]) -> Iterator[Pin | Refused]:
    if isinstance(value, Scalar):
        yield from _image(file, tree, value)
    elif isinstance(value, Alias) and isinstance(value.target, Scalar):
        yield from _alias(file, value, value.target, own)
    elif isinstance(value, Mapping) and tree.text.startswith("{{", value.start):
        text = tree.text[value.start : value.end]
        reason = f"'{text[:120]}' is filled in by a template; bump the template's source"
        yield Refused(file, value.line, value.column, reason, text)


def _alias(file: str, alias: Alias, target: Scalar, own: set[int]) -> Iterator[Refused]:
    """An alias has no version of its own: it follows an anchor that is an image field itself."""
    reference = reference_of(target.value)
    if target.event in own or (reference and not reference.tag and not reference.digest):
        return
    reason = f"'*{alias.name}' is an alias of something else than an image; write the image here"
    yield Refused(file, alias.line, alias.column, reason, target.value)


def _image(file: str, tree: Tree, scalar: Scalar) -> Iterator[Pin | Refused]:
    if is_null(scalar) or not scalar.value:
        return
    problem = unwritable(tree, scalar) or _shared(tree, scalar)
    reference = reference_of(scalar.value)
    if problem is not None or reference is None:
        yield refused(file, scalar, problem or f"'{scalar.value[:120]}' is not an image reference")
    elif reference.tag or reference.digest:
        end = len(scalar.value.partition("@")[0])
        spelling = scalar.value[:end].removesuffix(f":{reference.tag}")
        field = Field.SUFFIX if reference.tag else Field.DIGEST_SUFFIX
        yield Pin(
            file,
            scalar.line,
            scalar.column,
            Kind.IMAGE,
            reference.repository,
            reference.tag,
            reference.digest,
            raw(tree, scalar),
            (Part(Present(scalar), field, before=spelling),),
            spelling=spelling,
        )


def _shared(tree: Tree, scalar: Scalar) -> str | None:
    """An anchor that serves images alone may be bumped for all of them; any other use may not."""
    keys = {key for name, key in tree.aliases if name == scalar.anchor}
    if keys <= {FIELD, "reference"}:
        return None
    return f"is used elsewhere through '*{scalar.anchor}'; write the other places out"
