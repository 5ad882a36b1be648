"""Pins in a kustomization's addresses: the revision of a Git repository's directory or file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.pins.git_addresses import InAddress, revision_in
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Tree
from plugin.pins.pin import Field, Kind, Part, Pin, Present
from plugin.pins.reading import mapping, raw, sequence
from plugin.pins.versions import moving, unmovable

_LISTS = (
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
    "patches",
    "patchesJson6902",
    "replacements",
)
# Without one of these there is no address of a host.
_WORDS = ("://", "@", "github.com")
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)+.*")


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The revisions in the addresses a kustomization fetches from Git.

    https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md. Paths and
    addresses of anything else are passed over.
    """
    root = mapping(tree.documents[0]) if tree.documents else mapping(None)
    if not any(one in tree.text for one in _WORDS) or not is_kustomization(file, root):
        return
    for node in _addresses(root):
        scalar = node.target if isinstance(node, Alias) else node
        found = revision_in(scalar.value) if isinstance(scalar, Scalar) else None
        if found is not None and isinstance(scalar, Scalar):
            yield _pin(file, tree, scalar, found)


def _addresses(root: Mapping) -> Iterator[Node | None]:
    for key in _LISTS:
        for item in sequence(root.get(key)).items:
            yield item.get("path") if isinstance(item, Mapping) else item
    yield mapping(root.get("openapi")).get("path")


def _pin(file: str, tree: Tree, scalar: Scalar, found: InAddress) -> Pin | Refused:
    value, place = scalar.value, (scalar.line, scalar.column)
    problem = unmovable(tree, scalar) or _problem(value, found)
    if problem is not None:
        return Refused(file, *place, problem, value, found.git)
    field = Field.TAG_IN_ADDRESS if found.tags_only else Field.REVISION_IN_ADDRESS
    parts = (Part(Present(scalar), field, value[: found.start], value[found.end :]),)
    text = raw(tree, scalar)
    return Pin(file, *place, Kind.REMOTE_BASE, found.git, found.revision, None, text, parts)


def _problem(address: str, found: InAddress) -> str | None:
    """Why the revision may move, or is not the only place of the address that names it."""
    if not found.revision:
        return "follows the default branch; add '?ref=' with a tag or a whole commit id to pin it"
    reason = moving(found.revision)
    numbers = _NUMBERS.search(found.revision)
    name = numbers[0] if numbers else found.revision
    if reason is None and (name in address[: found.start] or name in address[found.end :]):
        reason = f"names '{name[:120]}' in another place of the address too; change both by hand"
    return reason
