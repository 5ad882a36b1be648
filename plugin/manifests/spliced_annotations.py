"""Annotations spliced into a text of objects, each in the form that its metadata has there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, assert_never

from plugin.pins import nodes
from plugin.pins.kubevirt_objects import Object, objects
from plugin.pins.nodes import Alias, Node, Refused, Scalar, Tree
from plugin.pins.reading import is_null, raw
from plugin.pins.scalar import quoted, written
from plugin.pins.tree import read

_Splice: TypeAlias = tuple[int, int, str]

_FILE = "manifest.yaml"


def with_annotations(tree: Tree, given: Sequence[tuple[Object, Mapping[str, str]]]) -> str | None:
    """The text of `tree` with annotations on its objects, or None where that is not safe."""
    splices: list[_Splice] = []
    done: dict[int, Mapping[str, str]] = {}
    for one, said in given:
        mine = _splices(tree, one.root.get("metadata"), said)
        if mine is not None:
            splices += mine
            done[one.root.start] = said
    parts: list[str] = []
    position = 0
    for start, end, words in sorted(splices):
        parts += (tree.text[position:start], words)
        position = end
    new = "".join([*parts, tree.text[position:]])
    return new if _same_but_for(tree, new, done) else None


def _splices(tree: Tree, metadata: Node | None, said: Mapping[str, str]) -> list[_Splice] | None:
    if not isinstance(metadata, nodes.Mapping) or not metadata.pairs:
        return None
    there = metadata.get("annotations")
    if there is None:
        return [_inserted(tree, metadata, {"annotations": said})]
    if isinstance(there, Scalar) and is_null(there) and not there.anchor:
        space = " " if tree.text[there.start - 1 : there.start] == ":" else ""
        return [(there.start, there.end, space + _flow(said))]
    if not isinstance(there, nodes.Mapping):
        return None
    old = [(value, said[key.value]) for key, value in there.named() if key.value in said]
    if any(not isinstance(value, Scalar) or value.anchor for value, _ in old):
        return None
    splices = [
        # A block of text ends behind its last line end, which stays.
        (value.start, value.start + len(raw(tree, value).rstrip()), quoted(words))
        for value, words in old
        if isinstance(value, Scalar) and value.value != words
    ]
    known = {key.value for key, _ in there.named()}
    new = {key: value for key, value in said.items() if key not in known}
    return [*splices, _inserted(tree, there, new)] if new else splices


def _inserted(
    tree: Tree, node: nodes.Mapping, said: Mapping[str, str | Mapping[str, str]]
) -> _Splice:
    """Fields before the others of a mapping, in its own form."""
    if node.flow:
        fields = _flow(said)[1:-1]
        return node.start + 1, node.start + 1, f"{fields}, " if node.pairs else fields
    end = "\r\n" if "\r\n" in tree.text else "\n"
    indent = " " * (node.column - 1)
    lines = "".join(f"{one}{end}{indent}" for one in _block(said))
    return node.start, node.start, lines


def _block(said: Mapping[str, str | Mapping[str, str]]) -> Iterator[str]:
    for key, value in said.items():
        if isinstance(value, str):
            yield f"{key}: {written(value)}"
        else:
            yield f"{key}:"
            yield from (f"  {one}" for one in _block(value))


def _flow(said: Mapping[str, str | Mapping[str, str]]) -> str:
    fields = (
        f"{quoted(key)}: {quoted(value) if isinstance(value, str) else _flow(value)}"
        for key, value in said.items()
    )
    return "{" + ", ".join(fields) + "}"


def _same_but_for(before: Tree, new: str, given: Mapping[int, Mapping[str, str]]) -> bool:
    """Whether `new` says what the tree says, and the annotations that objects are given."""
    after = read(_FILE, new)
    if isinstance(after, Refused):
        return False
    every = [(one.root.start, _plain(one.root)) for one in objects(before)]
    for start, one in every:
        if start in given:
            metadata = one["metadata"]
            there = metadata.get("annotations")
            metadata["annotations"] = (there if isinstance(there, dict) else {}) | dict(
                given[start]
            )
    return [one for _, one in every] == [_plain(one.root) for one in objects(after)]


def _plain(node: Node) -> Any:
    """What a node says, without its form."""
    match node:
        case Scalar():
            return node.value
        case Alias():
            return _plain(node.target)
        case nodes.Sequence():
            return [_plain(one) for one in node.items]
        case nodes.Mapping():
            return {str(_plain(key)): _plain(value) for key, value in node.pairs}
        case _:
            assert_never(node)
