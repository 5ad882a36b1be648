"""What an object of a cluster has that a new one must not have."""

from __future__ import annotations

from plugin.pins.nodes import Mapping, Node, Scalar
from plugin.pins.reading import is_null, mapping

_METADATA = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "selfLink",
    "managedFields",
    "ownerReferences",
)
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def exported(root: Node) -> tuple[str, ...]:
    """The fields of `root` that only the API server writes, and the annotation of `kubectl apply`.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
    """
    metadata = mapping(mapping(root).get("metadata"))
    found = ["status"] if _says(mapping(root).get("status")) else []
    found += [f"metadata.{one}" for one in _METADATA if _says(metadata.get(one))]
    if mapping(metadata.get("annotations")).get(_APPLIED) is not None:
        found.append(f"annotation {_APPLIED}")
    return tuple(found)


def _says(node: Node | None) -> bool:
    """Whether there is anything: generators write `creationTimestamp: null` and `status: {}`."""
    match node:
        case Scalar():
            return not is_null(node) and node.value != ""
        case Mapping():
            return bool(node.pairs)
        case _:
            return node is not None
