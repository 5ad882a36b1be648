"""The record of a line: what freight a stage holds, in one small file beside its manifests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact import Artifact, Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId
from plugin.pins.nodes import Mapping, Node, Refused, Scalar, Sequence, Tree
from plugin.pins.scalar import written
from plugin.pins.tree import read

FORMAT = 1
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
    that stood here before.
    """

    freight: Freight
    repository: str
    head: str
    previous: FreightId | None = None

    def __post_init__(self) -> None:
        _check_warehouse(self.freight.warehouse)
        if not _REPOSITORY.fullmatch(self.repository):
            raise Refusal(f"'{self.repository}' is not a GitHub repository: write owner/name")
        if not self.head or not all(char.isprintable() and char != " " for char in self.head):
            raise Refusal(f"{self.head!r} is not a branch")
        if self.previous is not None and not _FREIGHT_ID.fullmatch(self.previous):
            raise Refusal(f"'{self.previous}' is not a freight id: 64 hex digits")


def record_path(stage_dir: str, warehouse: str) -> str:
    """The record's path from the repository's root; `stage_dir` '' is the root itself."""
    _check_warehouse(warehouse)
    directory = stage_dir.strip("/")
    return "/".join(part for part in (directory, DIRECTORY, f"{warehouse}.yaml") if part)


def write_record(record: Record) -> str:
    """The record as text: one spelling per record, so that equal records are equal bytes."""
    freight = record.freight
    lines = [
        f"format: {FORMAT}",
        f"warehouse: {written(freight.warehouse)}",
        f"freight: {written(freight.id)}",
        f"alias: {written(freight.alias)}",
        "artifacts:",
        *(line for artifact in freight.artifacts for line in _artifact_lines(artifact)),
        "promotion:",
        f"  repository: {written(record.repository)}",
        f"  head: {written(record.head)}",
    ]
    if record.previous is not None:
        lines.append(f"previous: {written(record.previous)}")
    return _HEADING + "\n".join(lines) + "\n"


def _artifact_lines(artifact: Artifact) -> tuple[str, ...]:
    return (
        f"  - image: {written(str(artifact.repository))}",
        f"    tag: {written(artifact.tag)}",
        f"    digest: {written(artifact.digest)}",
    )


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
        self._check_format(root)
        names = ("format", "warehouse", "freight", "alias", "artifacts", "promotion")
        self._check_keys(root, names, ("previous",))
        promotion = self._mapping(self._value(root, "promotion"))
        self._check_keys(promotion, ("repository", "head"))
        freight = self._freight(root)
        previous = root.get("previous")
        try:
            return Record(
                freight,
                self._text(promotion, "repository"),
                self._text(promotion, "head"),
                None if previous is None else FreightId(self._text(root, "previous")),
            )
        except Refusal as refusal:
            raise self._refusal(promotion.line, str(refusal)) from refusal

    def _freight(self, root: Mapping) -> Freight:
        listed = self._value(root, "artifacts")
        if not isinstance(listed, Sequence):
            raise self._refusal(listed.line, "'artifacts' is not a list")
        artifacts = tuple(self._artifact(item) for item in listed.items)
        try:
            freight = Freight(self._text(root, "warehouse"), artifacts)
        except Refusal as refusal:
            raise self._refusal(listed.line, str(refusal)) from refusal
        for name, expected in (("freight", freight.id), ("alias", freight.alias)):
            if self._text(root, name) != expected:
                line = self._value(root, name).line
                said = self._text(root, name)[:80]
                problem = f"'{name}' says '{said}', but the artifacts give '{expected}'"
                raise self._refusal(line, problem)
        return freight

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

    def _check_format(self, root: Mapping) -> None:
        """First of all, because a newer format may look different everywhere else."""
        said = self._text(root, "format")
        if said == str(FORMAT):
            return
        line = self._value(root, "format").line
        if said.isascii() and said.isdigit() and not said.startswith("0"):
            raise Refusal(
                f"{self.file}:{line}: is of format {said[:20]}, newer than this Towline reads "
                f"({FORMAT}); update Towline"
            )
        raise self._refusal(line, f"'{said[:80]}' is not a format; this Towline reads {FORMAT}")

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
