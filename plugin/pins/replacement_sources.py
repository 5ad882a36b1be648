"""Pins in the fields that a kustomization's `replacements` copy into image fields."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from plugin.artifact import Repository
from plugin.pins.declared import Holds, declared
from plugin.pins.kustomization import NAMES
from plugin.pins.nodes import Mapping as MappingNode
from plugin.pins.nodes import Node, Refused, Scalar, Sequence, Tree
from plugin.pins.paths import Index, Key, Step, Where, next_nodes
from plugin.pins.pin import Kind, Named, Pin
from plugin.pins.reading import mapping, reference_of, repository_of, sequence, word
from plugin.pins.replacements import Cut, Replacement, Source, Target, paths_of, replacements_of

Reader = Callable[[str], Tree | Refused]
WORD = "replacements"
_FIELDS = ("image", "reference")
# Few objects are looked for by reading the files that name them, many by reading all of them once.
_FEW = 50
# Which part of an image a target receives (kustomize's `options` of a target).
_PARTS = {None: Holds.IMAGE, Cut(":", 1): Holds.TAG, Cut("@", 1): Holds.DIGEST}


@dataclass(frozen=True, slots=True)
class Copied:
    """What is copied, by file: pins in sources, and the places of targets, which decide nothing."""

    pins: dict[str, list[Pin | Refused]] = field(default_factory=dict)
    targets: dict[str, set[tuple[int, int]]] = field(default_factory=dict)


def replacement_pins(texts: Mapping[str, str], tree_of: Reader) -> Copied:
    """The pins in the sources of every kustomization among `texts`.

    A source is a pin when an image, or an image's tag or digest, is copied from it. Objects are
    looked for in the kustomization's directory and below, by kind and name as they are written.
    https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/
    """
    copied = Copied()
    for file in sorted(texts):
        if file.rpartition("/")[2] in NAMES and WORD in texts[file]:
            stage = Kustomized(file, texts, tree_of)
            for one in stage.replacements():
                _take(stage, one, copied)
    return copied


@dataclass(frozen=True, slots=True)
class Standing:
    """A document of a file."""

    file: str
    tree: Tree
    root: Node


@dataclass(frozen=True, slots=True)
class Kustomized:
    """A kustomization and the files that it may read."""

    file: str
    texts: Mapping[str, str]
    tree_of: Reader
    _asked: set[tuple[str, str]] = field(default_factory=set)
    _every: dict[tuple[str, str], list[Standing]] = field(default_factory=dict)

    @property
    def directory(self) -> str:
        """Where the kustomization stands."""
        return self.file.rpartition("/")[0]

    def replacements(self) -> Iterator[Replacement]:
        """Its entries, and those of files it names."""
        own = self.tree_of(self.file)
        if isinstance(own, Refused):
            return
        yield from replacements_of(own)
        for path in paths_of(own):
            file = posixpath.normpath(posixpath.join(self.directory, path))
            tree = self.tree_of(file) if file in self.texts else None
            if isinstance(tree, Tree):
                yield from replacements_of(tree)

    def objects(self, kind: str, name: str) -> Iterator[Standing]:
        """The objects of this kind and name; '' is any."""
        self._asked.add((kind, name))
        if len(self._asked) > _FEW:
            yield from self._known().get((kind, name), ())
            return
        for file in self._below():
            if kind in self.texts[file] and name in self.texts[file]:
                for one in self._in(file):
                    if (kind, name) in _names(one.root):
                        yield one

    def _known(self) -> dict[tuple[str, str], list[Standing]]:
        """All objects by what they may be asked for."""
        if not self._every:
            for file in self._below():
                for one in self._in(file):
                    for name in _names(one.root):
                        self._every.setdefault(name, []).append(one)
        return self._every

    def _below(self) -> list[str]:
        """The files in the kustomization's directory and below."""
        start = f"{self.directory}/" if self.directory else ""
        return sorted(one for one in self.texts if one.startswith(start))

    def _in(self, file: str) -> Iterator[Standing]:
        tree = self.tree_of(file)
        if isinstance(tree, Tree):
            yield from (Standing(file, tree, root) for root in tree.documents)

    def sources(self, source: Source) -> Iterator[tuple[Standing, Scalar]]:
        """The scalars that `source` names: of an object, or of a generated ConfigMap."""
        for one in self.objects(source.kind, source.name):
            for node in nodes_at(one, source.field_path):
                if isinstance(node, Scalar):
                    yield one, node
        own = self.tree_of(self.file)
        if isinstance(own, Tree) and source.kind == "ConfigMap" and own.documents:
            root = mapping(own.documents[0])
            for scalar in _literals(root, source):
                yield Standing(self.file, own, root), scalar


def _names(root: Node) -> set[tuple[str, str]]:
    """What the object may be asked for by: kind and name, each of them or none."""
    kind = word(mapping(root).get("kind"))
    name = word(mapping(mapping(root).get("metadata")).get("name"))
    return {(kind, name), (kind, ""), ("", name), ("", "")}


def _literals(root: MappingNode, source: Source) -> Iterator[Scalar]:
    """The item `key=value` of a generator's `literals`."""
    if len(source.field_path) != 2 or source.field_path[0] != "data":
        return
    for one in map(mapping, sequence(root.get("configMapGenerator")).items):
        if word(one.get("name")) == source.name:
            for item in sequence(one.get("literals")).items:
                if isinstance(item, Scalar) and item.value.startswith(f"{source.field_path[1]}="):
                    yield item


def nodes_at(one: Standing, path: tuple[str, ...]) -> tuple[Node, ...]:
    """The nodes at a path as kustomize reads it; `*` is every item."""
    nodes: tuple[Node, ...] = (one.root,)
    for step in path:
        if step == "*":
            nodes = tuple(item for node in nodes for item in sequence(node).items)
        else:
            nodes = tuple(found for node in nodes for found in next_nodes(node, _step(step, node)))
    return nodes


def _step(text: str, node: Node) -> Step:
    if text.startswith("[") and text.endswith("]"):
        key, _, value = text[1:-1].partition("=")
        return Where((((key,), value),))
    return Index(int(text)) if text.isdecimal() and isinstance(node, Sequence) else Key(text)


def _take(stage: Kustomized, entry: Replacement, copied: Copied) -> None:
    targets = [(one, path) for one in entry.targets for path in one.field_paths]
    images = [(one, path) for one, path in targets if path[-1] in _FIELDS and one.cut in _PARTS]
    if entry.source is None or entry.source.cut is not None or not images:
        return
    holds = {_PARTS[one.cut] for one, _ in images}
    sources = list(stage.sources(entry.source))
    if len(sources) != 1 or len(holds) != 1:
        return
    written = [found for one, path in images for found in _images(stage, one, path)]
    answer = _pin(sources[0], next(iter(holds)), written, images)
    if answer is not None:
        copied.pins.setdefault(sources[0][0].file, []).append(answer)
        for one, scalar in written:
            copied.targets.setdefault(one.file, set()).add((scalar.line, scalar.column))


def _images(
    stage: Kustomized, target: Target, path: tuple[str, ...]
) -> Iterator[tuple[Standing, Scalar]]:
    for one in stage.objects(target.kind, target.name):
        for node in nodes_at(one, path):
            if isinstance(node, Scalar):
                yield one, node


def _pin(
    source: tuple[Standing, Scalar],
    holds: Holds,
    written: list[tuple[Standing, Scalar]],
    images: list[tuple[Target, tuple[str, ...]]],
) -> Pin | Refused | None:
    one, scalar = source
    answer = declared(one.file, one.tree, scalar, Named(""), holds)
    repository = _repository(answer, holds, written)
    if repository is None:
        return None
    if isinstance(answer, Refused):
        return replace(answer, subject=repository)
    disk = all("containerDisk" in path for _, path in images)
    kind = Kind.CONTAINER_DISK if disk else Kind.IMAGE
    return replace(answer, subject=repository, kind=kind, spelling="")


def _repository(
    answer: Pin | Refused, holds: Holds, written: list[tuple[Standing, Scalar]]
) -> Repository | None:
    """What the copied version is of: the image that is copied, or the one it is copied into."""
    if isinstance(answer, Pin) and holds is Holds.IMAGE:
        return repository_of(answer.spelling) if answer.tag or answer.digest else None
    references = [reference_of(scalar.value) for _, scalar in written]
    # A host's port would be cut off, too.
    plain = all(":" not in scalar.value.rpartition("/")[0] for _, scalar in written)
    repositories = {one.repository for one in references if one is not None}
    return next(iter(repositories)) if plain and len(repositories) == 1 else None
