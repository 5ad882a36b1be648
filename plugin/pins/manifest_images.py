"""Pins in `image` fields and maps of Kubernetes manifests: workloads, custom resources, lists."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Mapping as Fields
from dataclasses import replace

from plugin.pins.group_pins import pins_of
from plugin.pins.image_groups import IMAGE_KEYS, Group, Place, group_in
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.merge_keys import fields_of
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
from plugin.pins.values_places import values_in

FIELD = "image"
# Their `image` fields describe images or schemas; nothing runs what is written there.
NOT_RUN = frozenset({"CustomResourceDefinition"})


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The `image:` scalars with a tag or digest in every document with apiVersion and kind.

    An image without a version is not a pin: kustomize's `images` or nobody decides it.
    """
    if not any(one in tree.text for one in (FIELD, "Image")):
        return
    maps: list[tuple[str, Mapping]] = []
    wary = any(one in tree.text for one in NOT_RUN)
    for document in tree.documents:
        root = mapping(document)
        kind = word(root.get("kind"))
        manifest = bool(kind and word(root.get("apiVersion")))
        if manifest and kind not in NOT_RUN and not is_kustomization(file, root):
            fields = _fields(root, wary)
            own = {one.event for key, one in fields if isinstance(one, Scalar)}
            for key, field in fields:
                yield from _field(file, tree, field, own) if key == FIELD else ()
                target = field.target if isinstance(field, Alias) else field
                if isinstance(target, Mapping):
                    maps.append((key, target))
    if maps:
        yield from _groups(file, tree, maps)


def _fields(root: Mapping, wary: bool) -> list[tuple[str, Node]]:
    """What stands behind every `image` key below `root`, and maps behind keys such as `webImage`.

    A volume's image is a map with a `reference`
    (https://kubernetes.io/docs/concepts/storage/volumes/#image).
    """
    found: list[tuple[str, Node]] = []
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += [item for item in node.items if type(item) is not Scalar]
        elif isinstance(node, Mapping) and not (wary and word(node.get("kind")) in NOT_RUN):
            for key, value in node.pairs:
                if type(value) is not Scalar:
                    waiting.append(value)
                if type(key) is Scalar and key.value.endswith(IMAGE_KEYS):
                    found += _image_field(key.value, value)
    return sorted(found, key=lambda one: (one[1].line, one[1].column))


def _image_field(key: str, value: Node) -> list[tuple[str, Node]]:
    if key == FIELD:
        return [(FIELD, mapping(value).get("reference") or value)]
    return [] if isinstance(value, Scalar) else [(key, value)]


def _groups(file: str, tree: Tree, maps: list[tuple[str, Mapping]]) -> Iterator[Pin | Refused]:
    """The images of custom resources that stand in a map, such as `{repository, tag}`.

    Those in Helm values are found with their values, which may set a registry for all of them.
    """
    values = list(values_in(file, tree))
    firsts = [one.start for one in values]
    known: dict[int, Fields[str, Node]] = {}
    groups = []
    for start, (key, one) in {one.start: (key, one) for key, one in maps}.items():
        number = bisect_right(firsts, start) - 1
        if number < 0 or start >= values[number].end:
            for found in group_in(Place(file, tree, key, fields_of(one, known), "")):
                if isinstance(found, Group):
                    groups.append(found)
                else:
                    yield found
    for pin in pins_of(tree, groups, Kind.IMAGE):
        # No entry of kustomize's `images` reaches these fields, however it is spelled.
        yield replace(pin, spelling="") if isinstance(pin, Pin) else pin


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
    if tree.aliases.get(scalar.anchor or "", frozenset()) <= {FIELD, "reference"}:
        return None
    return f"is used elsewhere through '*{scalar.anchor}'; write the other places out"
