"""Pins in container disks and kernel boots of KubeVirt's machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from plugin.pins import manifest_images
from plugin.pins.disk_origin import subject_at
from plugin.pins.kubevirt_objects import Object, below, objects
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.pin import Field, Kind, Part, Pin, Present
from plugin.pins.reading import (
    is_null,
    mapping,
    raw,
    reference_of,
    refused,
    sequence,
    unwritable,
    word,
)

_WORDS = ("containerDisk", "kernelBoot", "Template", "BackingImage", "MachineImage")
_IMMUTABLE = {
    "KubevirtMachineTemplate": "infrastructure.cluster.x-k8s.io/",
    "Metal3MachineTemplate": "infrastructure.cluster.x-k8s.io/",
    "VirtualMachineImage": "harvesterhci.io/",
    "BackingImage": "longhorn.io/",
}


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """`containerDisk.image` and `kernelBoot.container.image` of every machine.

    They are ordinary image references, written `repository:tag@digest`; kustomize's `images` does
    not reach them, so one without a version waits for its first. Images of objects that their
    API never lets change are refused.
    """
    if not any(one in tree.text for one in _WORDS):
        return
    places: set[tuple[int, int]] = set()
    for one in objects(tree):
        if _never_changes(one):
            yield from _immutable(file, one)
        elif one.of_kubevirt:
            images = [image for image in images_of(one.instance) if image is not None]
            places |= {(image.line, image.column) for image in images}
            yield from _unversioned(file, tree, images)
    for found in manifest_images.find(file, tree) if places else ():
        if (found.line, found.column) in places:
            yield replace(found, kind=Kind.CONTAINER_DISK) if isinstance(found, Pin) else found


def images_of(instance: Mapping) -> Iterator[Node | None]:
    """What stands behind each `image` of an instance's spec."""
    for volume in sequence(instance.get("volumes")).items:
        yield below(volume, "containerDisk").get("image")
    yield below(instance, "domain", "firmware", "kernelBoot", "container").get("image")


def _unversioned(file: str, tree: Tree, images: list[Node]) -> Iterator[Pin]:
    for image in images:
        if not isinstance(image, Scalar) or is_null(image) or unwritable(tree, image):
            continue
        reference = reference_of(image.value)
        if reference and not reference.tag and not reference.digest and not image.anchor:
            part = Part(Present(image), Field.SUFFIX, before=image.value)
            yield Pin(
                file,
                image.line,
                image.column,
                Kind.CONTAINER_DISK,
                reference.repository,
                None,
                None,
                raw(tree, image),
                (part,),
                spelling=image.value,
            )


def _never_changes(one: Object) -> bool:
    return word(one.root.get("apiVersion")).startswith(_IMMUTABLE.get(one.kind, "?"))


def _immutable(file: str, one: Object) -> Iterator[Refused]:
    reason = (
        f"stands in a {one.kind}, which its API never lets change; write a new one under a new "
        "name and let what uses it name that"
    )
    for scalar in _images_below(one.root):
        yield replace(refused(file, scalar, reason), subject=subject_at(scalar.value))


def _images_below(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _images_below(item)
    for key, value in mapping(node).named():
        if key.value in ("image", "url") and isinstance(value, Scalar):
            yield value
        yield from _images_below(value)
