"""Which files kustomize builds together, and into which namespace it puts what they hold."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from plugin.pins.kustomization import NAMES
from plugin.pins.kustomize_references import references
from plugin.pins.nodes import Tree
from plugin.pins.reading import mapping, word
from plugin.pins.sources import Sources


@dataclass(frozen=True, slots=True)
class Spaces:
    """The kustomizations nothing else builds on, by what they load, and its namespaces."""

    _realms: Mapping[str, frozenset[str]]
    _namespaces: Mapping[str, str]

    def realms(self, file: str) -> frozenset[str]:
        """What `file` is built into: its own directory, and those of outermost kustomizations.

        Files that share one are of one application; nobody knows of others.
        """
        return self._realms.get(file, frozenset()) | {file.rpartition("/")[0]}

    def namespace(self, file: str, own: str) -> str:
        """The namespace of an object of `file` that says `own`, '' where it is not known.

        The outermost kustomization that says one wins over everything
        (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/namespace/).
        """
        return self._namespaces.get(file) or own


@dataclass(frozen=True, slots=True)
class _Kustomization:
    file: str
    namespace: str
    below: tuple[str, ...]


@dataclass(slots=True)
class _Reach:
    """What the outermost kustomizations load, file by file."""

    realms: dict[str, set[str]] = field(default_factory=dict)
    namespaces: dict[str, set[str]] = field(default_factory=dict)

    def add(self, file: str, root: str, namespace: str) -> None:
        """`file` is loaded by the kustomization in `root`, into `namespace`."""
        self.realms.setdefault(file, set()).add(root)
        self.namespaces.setdefault(file, set()).add(namespace)


def spaces_of(sources: Sources) -> Spaces:
    """What the kustomizations among `sources` say of its files."""
    known = {file.rpartition("/")[0]: _read(sources, file) for file in _files(sources)}
    inner = {below for one in known.values() for below in one.below}
    reach = _Reach()
    for directory in sorted(known):
        if directory not in inner:
            _load(known, directory, reach)
    realms = {file: frozenset(found) for file, found in reach.realms.items()}
    # A base of two namespaces is in neither.
    said = {file: found.pop() for file, found in reach.namespaces.items() if len(found) == 1}
    return Spaces(realms, said)


def _files(sources: Sources) -> Iterator[str]:
    return (one for one in sorted(sources.texts) if one.rpartition("/")[2] in NAMES)


def _read(sources: Sources, file: str) -> _Kustomization:
    tree = sources.tree(file)
    if not isinstance(tree, Tree) or not tree.documents:
        return _Kustomization(file, "", ())
    directory = file.rpartition("/")[0]
    below = (posixpath.normpath(posixpath.join(directory, one.value)) for one in references(tree))
    namespace = word(mapping(tree.documents[0]).get("namespace"))
    return _Kustomization(file, namespace, tuple("" if one == "." else one for one in below))


def _load(known: Mapping[str, _Kustomization], root: str, reach: _Reach) -> None:
    waiting, seen = [(root, "")], set[str]()
    while waiting:
        directory, outer = waiting.pop()
        if directory in seen:
            continue
        seen.add(directory)
        one = known[directory]
        namespace = outer or one.namespace
        reach.add(one.file, root, namespace)
        for below in one.below:
            if below in known:
                waiting.append((below, namespace))
            else:
                reach.add(below, root, namespace)
