"""The patches of kustomizations: which objects each of them selects, and what it changes there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plugin.disks.built import Built, found_at
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Sequence
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.sources import Sources
from plugin.pins.tree import read

KEYS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_ANY = (".*", ".+")
_SPECIAL = frozenset("*+?()|[]{}^$\\")

Way = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """One entry: what it says in the file, and the documents of the patch, None if unread.

    `kind` and `name` are what it selects, None where the patch itself names its object.
    """

    file: str
    line: int
    kind: str | None
    name: str | None
    body: tuple[Node, ...] | None
    path: str

    def selects(self, kind: str, name: str) -> bool:
        """Whether it may change the object, as far as can be told without running expressions."""
        if self.kind is not None and self.name is not None:
            return _may_match(self.kind, kind) and _may_match(self.name, name)
        return any(
            word(mapping(one).get("kind")) == kind and _named(one) == name
            for one in self.body or ()
        )

    def touches(self, ways: Iterable[Way]) -> bool:
        """Whether it changes what stands at one of `ways`, or cannot be read."""
        return self.body is None or any(_touches(one, tuple(ways)) for one in self.body)


def patches_in(sources: Sources, built: Built, files: Iterable[str]) -> Iterator[Patch]:
    """The patches of every kustomization among `files`."""
    for file in sorted(built.kustomizations.keys() & frozenset(files)):
        root = built.kustomizations[file]
        for key in KEYS:
            for one in sequence(root.get(key)).items:
                yield _patch(sources, file, one)


def _patch(sources: Sources, file: str, entry: Node) -> Patch:
    """See https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/."""
    inline, path = word(mapping(entry).get("patch")), word(mapping(entry).get("path"))
    if isinstance(entry, Scalar):
        inline, path = (entry.value, "") if "\n" in entry.value else ("", entry.value)
    body: tuple[Node, ...] | None = None
    at = next(found_at(file, path, sources.texts), "") if path else ""
    if inline or at:
        tree = read(file, inline) if inline else sources.tree(at)
        body = None if isinstance(tree, Refused) else tree.documents
    target = mapping(entry).get("target")
    if target is None:
        return Patch(file, entry.line, None, None, body, at)
    said = mapping(target)
    return Patch(file, entry.line, word(said.get("kind")), word(said.get("name")), body, at)


def _named(node: Node) -> str:
    return word(mapping(mapping(node).get("metadata")).get("name"))


def matches(pattern: str, text: str) -> bool | None:
    """Whether kustomize's pattern is the whole of `text`; None where only running it would tell.

    '' selects everything. Expressions are not run, for they could run for ever.
    """
    if pattern in ("", *_ANY):
        return True
    plain = pattern.removeprefix("^").removesuffix("$")
    if plain.endswith(_ANY) and not _SPECIAL & set(plain[:-2]):
        return text.startswith(plain[:-2])
    if _SPECIAL & set(plain):
        return None
    return len(plain) == len(text) and all(a in (".", b) for a, b in zip(plain, text, strict=True))


def _may_match(pattern: str, text: str) -> bool:
    return matches(pattern, text) is not False


def _touches(node: Node, ways: tuple[Way, ...]) -> bool:
    if isinstance(node, Sequence):
        return any(_operates(mapping(one), ways) for one in node.items)
    return any(_reaches(node, way) for way in ways)


def _operates(operation: Mapping, ways: tuple[Way, ...]) -> bool:
    """Whether a JSON patch's operation changes what stands at, above or below one of `ways`."""
    kind, path = word(operation.get("op")), _pointer(operation, "path")
    if kind == "test" or (kind == "add" and path[-1:] == ("-",)):
        return False
    places = [path, *([_pointer(operation, "from")] if kind == "move" else [])]
    return any(one[: len(way)] == way[: len(one)] for one in places for way in ways)


def _pointer(operation: Mapping, key: str) -> Way:
    """The steps of a JSON pointer (RFC 6901)."""
    steps = word(operation.get(key)).split("/")[1:]
    return tuple(one.replace("~1", "/").replace("~0", "~") for one in steps)


def _reaches(node: Node | None, way: Way) -> bool:
    """Whether a merged document says something at `way`, or may."""
    for key in way:
        root = mapping(node)
        unclear = any(name.value in ("<<", "$patch") for name, _ in root.named())
        if isinstance(node, Alias) or unclear:
            return True
        node = root.get(key)
    return node is not None
