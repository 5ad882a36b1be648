"""Records that somebody may have edited: read strictly, refused with their line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact import Artifact
from plugin.artifact.entries import artifact_of
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.pins import tree
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.record import FORMAT, Record
from plugin.stage_policy import Write

_BY_HAND = "restore the file from Git"
_ADOPT = ", or delete it so that Towline adopts the pins"
# Without such a record the sidecar would render the placeholders that stand for its versions.
_APPLIED = re.compile(r"""\bwrite["']?\s*:\s*["']?record\b""")


def read(file: str, text: str) -> Record:
    """The record in `text`, as `read_record` says."""
    way_out = _BY_HAND if _APPLIED.search(text) else f"{_BY_HAND}{_ADOPT}"
    found = tree.read(file, text)
    if isinstance(found, Refused):
        raise Refusal(f"{found}; {way_out}")
    return _Reading(file, way_out).record(found)


@dataclass(frozen=True, slots=True)
class _Reading:
    file: str
    way_out: str

    def record(self, tree: Tree) -> Record:
        if len(tree.documents) != 1:
            raise self._refusal(1, f"holds {len(tree.documents)} documents instead of one record")
        root = self._mapping(tree.documents[0])
        written_in = self._format(root)
        second = ("write", "previousDisks") if written_in > 1 else ()
        fourth = ("towards",) if written_in > 3 else ()
        names = ("format", "warehouse", "freight", "alias", "artifacts", "promotion")
        self._check_keys(root, names, ("previous", *second, *fourth))
        promotion = self._mapping(self._value(root, "promotion"))
        self._check_keys(promotion, ("repository", "head"))
        freight, write = self._freight(root), self._write(root)
        repository, head = self._text(promotion, "repository"), self._text(promotion, "head")
        previous = FreightId(self._text(root, "previous")) if root.get("previous") else None
        disks = self._artifacts(root, "previousDisks") if root.get("previousDisks") else ()
        try:
            return Record(freight, repository, head, previous, write, disks)
        except Refusal as refusal:
            raise self._refusal(promotion.line, str(refusal)) from refusal

    def _write(self, root: Mapping) -> Write:
        if root.get("write") is None:
            return Write.PINS
        said = self._text(root, "write")
        for one in Write:
            if one.value == said:
                return one
        words = " or ".join(one.value for one in Write)
        raise self._refusal(
            self._value(root, "write").line, f"'write' is '{said[:80]}', not {words}"
        )

    def _freight(self, root: Mapping) -> Freight:
        artifacts = self._artifacts(root, "artifacts")
        try:
            towards = FreightId(self._text(root, "towards")) if root.get("towards") else None
            freight = Freight(self._text(root, "warehouse"), artifacts, towards)
        except Refusal as refusal:
            raise self._refusal(self._value(root, "artifacts").line, str(refusal)) from refusal
        for name, expected in (("freight", freight.id), ("alias", freight.alias)):
            if self._text(root, name) != expected:
                line = self._value(root, name).line
                said = self._text(root, name)[:80]
                problem = f"'{name}' says '{said}', but the artifacts give '{expected}'"
                raise self._refusal(line, problem)
        return freight

    def _artifacts(self, root: Mapping, key: str) -> tuple[Artifact, ...]:
        listed = self._value(root, key)
        if not isinstance(listed, Sequence):
            raise self._refusal(listed.line, f"'{key}' is not a list")
        return tuple(self._artifact(item) for item in listed.items)

    def _artifact(self, item: Node) -> Artifact:
        node = self._mapping(item)
        entry = {key: self._text(node, key) for key in map(self._key, node.pairs)}
        try:
            return artifact_of(entry)
        except Refusal as refusal:
            raise self._refusal(node.line, str(refusal)) from refusal

    def _format(self, root: Mapping) -> int:
        """First of all, because a newer format may look different everywhere else."""
        said = self._text(root, "format")
        if said in map(str, range(1, FORMAT + 1)):
            return int(said)
        line = self._value(root, "format").line
        if said.isascii() and said.isdigit() and not said.startswith("0"):
            raise Refusal(
                f"{self.file}:{line}: is of format {said[:20]}, newer than this Towline reads "
                f"({FORMAT}); update Towline"
            )
        raise self._refusal(
            line, f"'{said[:80]}' is not a format; this Towline reads 1 to {FORMAT}"
        )

    def _check_keys(
        self, node: Mapping, names: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        for pair in node.pairs:
            if (key := self._key(pair)) not in names + optional:
                raise self._refusal(pair[0].line, f"key '{key[:80]}' does not belong here")
        for name in names:
            self._value(node, name)

    def _key(self, pair: tuple[Node, Node]) -> str:
        key, _ = pair
        if not isinstance(key, Scalar):
            raise self._refusal(key.line, "key '?' does not belong here")
        return key.value

    def _value(self, node: Mapping, key: str) -> Node:
        value = node.get(key)
        if value is None:
            raise self._refusal(node.line, f"key '{key}' is missing")
        return value

    def _text(self, node: Mapping, key: str) -> str:
        value = self._value(node, key)
        if not isinstance(value, Scalar) or not value.value:
            raise self._refusal(value.line, f"'{key}' is not a text")
        return value.value

    def _mapping(self, node: Node) -> Mapping:
        if not isinstance(node, Mapping):
            raise self._refusal(node.line, "is not a mapping of keys and values")
        return node

    def _refusal(self, line: int, problem: str) -> Refusal:
        return Refusal(f"{self.file}:{line}: {problem}; {self.way_out}")
