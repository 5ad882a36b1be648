"""The record of a line: what freight a stage holds, in one small file beside its manifests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plugin.artifact import Artifact, Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.scalar import written
from plugin.pins.tree import read
from plugin.pipeline import Write

# The newest format; a record that needs nothing of it is written in the first.
FORMAT = 2
DIRECTORY = ".freight"

_WAREHOUSE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_FREIGHT_ID = re.compile(r"[0-9a-f]{64}")
_HEADING = "# Written by Towline with each promotion; the pins of this stage are the truth.\n"
_BY_HAND = "restore the file from Git, or delete it so that Towline adopts the pins"


@dataclass(frozen=True, slots=True)
class Record:
    """What a line of a stage holds, and the promotion that brought it.

    `repository` is GitHub's `owner/name`, `head` the promotion's branch, `previous` the freight
    that stood here before. `write` says where the versions are written: in pins, or in this record
    alone, which is then applied when the stage is rendered. `previous_disks`, newest first, are the
    versions whose disks stay in the manifests, so that going back imports nothing.
    """

    freight: Freight
    repository: str
    head: str
    previous: FreightId | None = None
    write: Write = Write.PINS
    previous_disks: tuple[Image, ...] = ()

    def __post_init__(self) -> None:
        _check_warehouse(self.freight.warehouse)
        if not _REPOSITORY.fullmatch(self.repository):
            raise Refusal(f"'{self.repository}' is not a GitHub repository: write owner/name")
        if not self.head or not all(char.isprintable() and char != " " for char in self.head):
            raise Refusal(f"{self.head!r} is not a branch")
        if self.previous is not None and not _FREIGHT_ID.fullmatch(self.previous):
            raise Refusal(f"'{self.previous}' is not a freight id: 64 hex digits")
        if len(set(self.previous_disks)) != len(self.previous_disks):
            raise Refusal("the same previous disk stands twice; name each version once")


def record_path(stage_dir: str, warehouse: str) -> str:
    """The record's path from the repository's root; `stage_dir` '' is the root itself."""
    _check_warehouse(warehouse)
    directory = stage_dir.strip("/")
    return "/".join(part for part in (directory, DIRECTORY, f"{warehouse}.yaml") if part)


def write_record(record: Record) -> str:
    """The record as text: one spelling per record, so that equal records are equal bytes.

    What the first format can say is said in it, so that an older Towline reads it, too.
    """
    freight = record.freight
    applied = record.write is not Write.PINS
    lines = [
        f"format: {FORMAT if applied or record.previous_disks else 1}",
        f"warehouse: {written(freight.warehouse)}",
        f"freight: {written(freight.id)}",
        f"alias: {written(freight.alias)}",
        *([f"write: {written(record.write.value)}"] if applied else ()),
        "artifacts:",
        *_artifact_lines(freight.artifacts),
        *(["previousDisks:"] if record.previous_disks else ()),
        *_artifact_lines(record.previous_disks),
        "promotion:",
        f"  repository: {written(record.repository)}",
        f"  head: {written(record.head)}",
    ]
    if record.previous is not None:
        lines.append(f"previous: {written(record.previous)}")
    return _HEADING + "\n".join(lines) + "\n"


def _artifact_lines(artifacts: Iterable[Artifact]) -> Iterator[str]:
    for artifact in artifacts:
        yield f"  - image: {written(str(artifact.repository))}"
        yield f"    tag: {written(artifact.tag)}"
        yield f"    digest: {written(artifact.digest)}"


def read_record(file: str, text: str) -> Record:
    """The record in `text`; raises Refusal with file, line and what to do.

    Strict: nothing unknown, nothing missing, and the id must be that of the artifacts, so that an
    edit by hand is seen.
    """
    tree = read(file, text)
    if isinstance(tree, Refused):
        raise Refusal(f"{tree}; {_BY_HAND}")
    return _Reading(file).record(tree)


@dataclass(frozen=True, slots=True)
class _Reading:
    file: str

    def record(self, tree: Tree) -> Record:
        if len(tree.documents) != 1:
            raise self._refusal(1, f"holds {len(tree.documents)} documents instead of one record")
        root = self._mapping(tree.documents[0])
        second = ("write", "previousDisks") if self._format(root) > 1 else ()
        names = ("format", "warehouse", "freight", "alias", "artifacts", "promotion")
        self._check_keys(root, names, ("previous", *second))
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
            freight = Freight(self._text(root, "warehouse"), artifacts)
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
        entry = self._mapping(item)
        self._check_keys(entry, ("image", "tag", "digest"))
        image, tag, digest = (self._text(entry, key) for key in ("image", "tag", "digest"))
        try:
            artifact = Image(Repository.parse(image), tag, digest)
        except Refusal as refusal:
            raise self._refusal(entry.line, str(refusal)) from refusal
        if str(artifact.repository) != image:
            problem = f"'{image}' is not the normal name '{artifact.repository}'"
            raise self._refusal(entry.line, problem)
        return artifact

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
        for key, _ in node.pairs:
            if not isinstance(key, Scalar) or key.value not in names + optional:
                name = key.value[:80] if isinstance(key, Scalar) else "?"
                raise self._refusal(key.line, f"key '{name}' does not belong here")
        for name in names:
            self._value(node, name)

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
        return Refusal(f"{self.file}:{line}: {problem}; {_BY_HAND}")


def _check_warehouse(name: str) -> None:
    if not _WAREHOUSE.fullmatch(name):
        raise Refusal(f"'{name[:120]}' is not a warehouse's name: letters, digits, '-', '_', '.'")
