"""Which files kustomize builds into one, by what every kustomization names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plugin.disks.users import directory
from plugin.pins.kustomization import NAMES
from plugin.pins.kustomize_images import is_kustomization
from plugin.pins.nodes import Mapping as MappingNode
from plugin.pins.nodes import Scalar, Tree
from plugin.pins.reading import mapping, sequence, word
from plugin.pins.sources import Sources

_FILES = (
    "resources",
    "bases",
    "components",
    "patchesStrategicMerge",
    "transformers",
    "generators",
)
_PATHS = ("patches", "patchesJson6902", "replacements")


@dataclass(frozen=True, slots=True)
class Build:
    """What one kustomization makes, and the files that go into it; '' where there is none."""

    top: str
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Built:
    """The kustomizations of a stage, what each takes in, and what nothing else takes in."""

    kustomizations: Mapping[str, MappingNode]
    _reached: Mapping[str, frozenset[str]]
    _builds: Mapping[str, tuple[Build, ...]]
    _beside: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, sources: Sources) -> Built:
        """Read from the files; what stands outside of them is not followed."""
        roots = dict(_kustomizations(sources))
        named = {file: frozenset(_named(file, root, sources.texts)) for file, root in roots.items()}
        reached = {one: _reached(one, named) for one in roots}
        inner = {one for file, each in named.items() for one in each if one != file}
        builds: dict[str, tuple[Build, ...]] = {}
        for top in [one for one in roots if one not in inner] or list(roots):
            for file in reached[top]:
                builds[file] = (*builds.get(file, ()), Build(top, reached[top]))
        beside: dict[str, set[str]] = {}
        for file in sources.texts:
            beside.setdefault(directory(file), set()).add(file)
        near = {name: frozenset(each) for name, each in beside.items()}
        return cls(roots, reached, builds, near)

    def builds(self, file: str) -> tuple[Build, ...]:
        """Each build with `file` in it; its directory where none has it."""
        return self._builds.get(file) or (Build("", self._beside[directory(file)]),)

    def beside(self, file: str) -> frozenset[str]:
        """The files of its directory."""
        return self._beside[directory(file)]

    def takes_in(self, kustomization: str, file: str) -> bool:
        """Whether `file` goes through the kustomization."""
        return file in self._reached[kustomization]

    def together(self, one: str, other: str) -> bool:
        """Whether both may end in one namespace though neither says which."""
        if directory(one) == directory(other):
            return True
        return any(other in build.files for build in self._builds.get(one, ()))

    def namespaces(self, file: str) -> frozenset[str]:
        """The namespaces that kustomizations on the outside give to what `file` holds."""
        tops = (self.kustomizations[one.top] for one in self._builds.get(file, ()))
        return frozenset(word(one.get("namespace")) for one in tops) - {""}


def _kustomizations(sources: Sources) -> Iterator[tuple[str, MappingNode]]:
    for file, text in sources.texts.items():
        if file.rpartition("/")[2] in NAMES or "kustomize.config.k8s.io/" in text:
            tree = sources.tree(file)
            root = mapping(tree.documents[0]) if isinstance(tree, Tree) and tree.documents else None
            if root is not None and is_kustomization(file, root):
                yield file, root


def _named(file: str, root: MappingNode, texts: Mapping[str, str]) -> Iterator[str]:
    """The files among `texts` that a kustomization takes in by itself."""
    for path in (*_paths(root, _FILES), *patch_paths(root)):
        yield from found_at(file, path, texts)


def _paths(root: MappingNode, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        for one in sequence(root.get(key)).items:
            if isinstance(one, Scalar) and "\n" not in one.value:
                yield one.value


def patch_paths(root: MappingNode) -> Iterator[str]:
    """The files that a kustomization names in `path` of its entries."""
    for key in _PATHS:
        for one in sequence(root.get(key)).items:
            path = word(mapping(one).get("path"))
            if path:
                yield path


def found_at(file: str, path: str, texts: Mapping[str, str]) -> Iterator[str]:
    """The file, or the kustomization of the directory, at `path` as `file` writes it."""
    at = posixpath.normpath(posixpath.join(directory(file), path))
    at = "" if at == "." else at
    if at in texts:
        yield at
    for name in NAMES:
        inner = posixpath.join(at, name)
        if inner in texts:
            yield inner


def _reached(top: str, named: Mapping[str, frozenset[str]]) -> frozenset[str]:
    reached, waiting = {top}, [top]
    while waiting:
        for one in named.get(waiting.pop(), frozenset()) - reached:
            reached.add(one)
            waiting.append(one)
    return frozenset(reached)
