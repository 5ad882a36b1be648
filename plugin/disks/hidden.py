"""Names of disks where no editor looks: in patches, in replacements, in what is no YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugin.disks.built import Built
from plugin.disks.model import Disk, Stage
from plugin.disks.patches import KEYS
from plugin.pins.nodes import Mapping, Node, Scalar, Sequence, Tree
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.sources import Sources

# What kustomize looks objects up by, or copies from.
_SELECTING = ("replacements", "vars")


def hidden(sources: Sources, built: Built, stage: Stage, disk: Disk) -> str | None:
    """Where the disk is named in a way that would go on naming the old one, or None."""
    name = re.compile(rf"(?<![\w.-]){re.escape(disk.id.name)}(?![\w.-])")
    for file in stage.unreadable:
        if name.search(sources.texts[file]):
            return f"in {file}, which is not YAML"
    for file, text in sources.texts.items():
        if disk.id.name in text:
            place = _in_file(sources, built, file, name)
            if place:
                return place
    return None


def _in_file(sources: Sources, built: Built, file: str, name: re.Pattern[str]) -> str:
    """A patch or replacement that names the disk, in a kustomization or in a file of its own."""
    if file in built.kustomizations:
        root = built.kustomizations[file]
        line = _patches(root, name)
        if line:
            return f"by a patch in {file}:{line}"
        line = _line((root.get(key) for key in _SELECTING), name)
        return f"by a replacement in {file}:{line}" if line else ""
    if not any(one in sources.texts[file] for one in ("op:", '"op"', "targets")):
        return ""
    tree = sources.tree(file)
    for root_ in tree.documents if isinstance(tree, Tree) else ():
        items = root_.items if isinstance(root_, Sequence) else (root_,)
        for key, what in (("op", "patch"), ("targets", "replacement")):
            line = _line((one for one in items if mapping(one).get(key) is not None), name)
            if line:
                return f"by a {what} in {file}:{line}"
    return ""


def _line(nodes: Iterator[Node | None], name: re.Pattern[str]) -> int:
    """The line of the first scalar anywhere in `nodes` that is the name, or 0."""
    found = (one.line for node in nodes for one in scalars(node) if name.fullmatch(one.value))
    return next(found, 0)


def scalars(node: Node | None) -> Iterator[Scalar]:
    """Every scalar in a node, keys as well."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for one in node.items:
            yield from scalars(one)
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            yield from scalars(key)
            yield from scalars(value)


def _patches(root: Mapping, name: re.Pattern[str]) -> int:
    for key in KEYS:
        for one in sequence(root.get(key)).items:
            if name.search(_text(one)):
                return one.line
    return 0


def _text(node: Node) -> str:
    """The text of an inline patch."""
    patch = node if isinstance(node, Scalar) else mapping(node).get("patch")
    return word(patch)
