"""Names of disks where no editor looks: in patches, in templates that are no YAML."""

from __future__ import annotations

import re

from plugin.disks.model import Disk, Stage
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.sources import Sources


def hidden(sources: Sources, stage: Stage, disk: Disk) -> str | None:
    """Where the disk is named in a way that would go on naming the old one, or None."""
    name = re.compile(rf"(?<![\w.-]){re.escape(disk.id.name)}(?![\w.-])")
    for file in stage.unreadable:
        if name.search(sources.texts[file]):
            return f"in {file}, which is not YAML"
    for file, text in sources.texts.items():
        if disk.id.name in text and ("patch" in text or "op:" in text or '"op"' in text):
            line = _in_patches(sources, file, name)
            if line:
                return f"by a patch in {file}:{line}"
    return None


def _in_patches(sources: Sources, file: str, name: re.Pattern[str]) -> int:
    """The line of a patch in a kustomization, or of one that is a file of its own; else 0."""
    tree = sources.tree(file)
    for root in () if isinstance(tree, Refused) else tree.documents:
        if isinstance(root, Sequence):
            line = _operations(root, name)
        elif is_kustomization(file, mapping(root)):
            line = _patches(mapping(root), name)
        else:
            line = 0
        if line:
            return line
    return 0


def _operations(root: Sequence, name: re.Pattern[str]) -> int:
    for one in root.items:
        if mapping(one).get("op") is not None and name.fullmatch(word(mapping(one).get("value"))):
            return one.line
    return 0


def _patches(root: Mapping, name: re.Pattern[str]) -> int:
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        for one in sequence(root.get(key)).items:
            target = mapping(mapping(one).get("target"))
            named = word(target.get("kind")) == "DataVolume" and name.fullmatch(
                word(target.get("name"))
            )
            if named or name.search(_text(one)):
                return one.line
    return 0


def _text(node: Node) -> str:
    """The text of an inline patch."""
    patch = node if isinstance(node, Scalar) else mapping(node).get("patch")
    return word(patch)
