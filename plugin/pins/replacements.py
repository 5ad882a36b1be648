"""A kustomization's `replacements` as values: which field is copied into which others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plugin.pins.nodes import Alias, Mapping, Node, Sequence, Tree
from plugin.pins.reading import mapping, sequence, word

_NAME = ("metadata", "name")


@dataclass(frozen=True, slots=True)
class Cut:
    """The piece number `index`, from 0, of a value cut at every `delimiter`."""

    delimiter: str
    index: int


@dataclass(frozen=True, slots=True)
class Source:
    """The field that is copied; '' where the kustomization does not restrict kind or name."""

    kind: str
    name: str
    field_path: tuple[str, ...]
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The fields it is copied to, in every object of the kind and name."""

    kind: str
    name: str
    field_paths: tuple[tuple[str, ...], ...]
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """One entry with its place; without a source it copies a value of its own."""

    line: int
    column: int
    source: Source | None
    targets: tuple[Target, ...]


def replacements_of(tree: Tree) -> tuple[Replacement, ...]:
    """The entries written in a kustomization, or in a file that its `replacements[].path` names.

    https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/
    """
    return tuple(_replacement(one) for one in _entries(tree) if one.get("path") is None)


def paths_of(tree: Tree) -> tuple[str, ...]:
    """The files with further entries that a kustomization names, relative to its directory."""
    paths = (word(one.get("path")) for one in _entries(tree))
    return tuple(one for one in paths if one)


def split_path(text: str) -> tuple[str, ...]:
    r"""The steps of a field path: keys, `[key=value]`, `[=value]`, indices and `*`.

    Dots separate, but not behind a backslash nor between brackets (kustomize's
    `utils.SmarterPathSplitter`): `data.web\.url`, `spec.volumes.[name=a.b].dataVolume.name`.
    """
    steps: list[str] = []
    for piece in text.split("."):
        if steps and steps[-1].endswith("\\"):
            steps[-1] = f"{steps[-1][:-1]}.{piece}"
        elif steps and steps[-1].startswith("[") and not steps[-1].endswith("]"):
            steps[-1] = f"{steps[-1]}.{piece}"
        else:
            steps.append(piece)
    return tuple(steps)


def _entries(tree: Tree) -> Iterator[Mapping]:
    """A file named by `path` holds one entry or a list; a kustomization lists them by key."""
    root = tree.documents[0] if tree.documents else None
    if isinstance(root, Mapping) and root.get("replacements") is not None:
        root = _followed(root.get("replacements"))
    items = root.items if isinstance(root, Sequence) else (root,)
    for item in items:
        entry = mapping(_followed(item))
        if any(entry.get(key) is not None for key in ("source", "targets", "path")):
            yield entry


def _followed(node: Node | None) -> Node | None:
    return node.target if isinstance(node, Alias) else node


def _replacement(entry: Mapping) -> Replacement:
    source = entry.get("source")
    targets = sequence(_followed(entry.get("targets"))).items
    return Replacement(
        entry.line,
        entry.column,
        _source(mapping(_followed(source))) if source is not None else None,
        tuple(_target(mapping(_followed(one))) for one in targets),
    )


def _source(entry: Mapping) -> Source:
    path = word(entry.get("fieldPath"))
    steps = split_path(path) if path else _NAME
    return Source(word(entry.get("kind")), word(entry.get("name")), steps, _cut(entry))


def _target(entry: Mapping) -> Target:
    select = mapping(_followed(entry.get("select")))
    paths = (word(one) for one in sequence(_followed(entry.get("fieldPaths"))).items)
    steps = tuple(split_path(one) for one in paths if one)
    return Target(
        word(select.get("kind")), word(select.get("name")), steps or (_NAME,), _cut(entry)
    )


def _cut(entry: Mapping) -> Cut | None:
    options = mapping(_followed(entry.get("options")))
    delimiter, index = word(options.get("delimiter")), word(options.get("index")) or "0"
    try:
        return Cut(delimiter, int(index)) if delimiter else None
    except ValueError:
        return Cut(delimiter, 0)
