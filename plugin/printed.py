"""A stage's manifests as its files say: what kustomize builds, or the files as they lie there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from plugin.closure import Closure, Rules, closure_of
from plugin.errors import Refusal
from plugin.kustomize import Kustomize
from plugin.local import inside, tree_of
from plugin.pins.kustomization import NAMES
from plugin.pins.nodes import Node, Scalar, Sequence, Tree
from plugin.pins.reading import is_null, mapping, word

_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Printed:
    """Manifests, and everything in the tree that decided them."""

    manifests: bytes
    closure: Closure


def printed(
    root: Path,
    stage_dir: str,
    kustomize: Kustomize,
    *,
    meanwhile: Callable[[], None] = lambda: None,
) -> Printed:
    """The manifests of the directory `stage_dir` below `root`, as kustomize prints them.

    Without a kustomization they are the documents of the directory's manifests, by file name and
    not of its subdirectories, as Argo CD reads a directory
    (https://argo-cd.readthedocs.io/en/stable/user-guide/directory/). Files that are no manifests
    are passed over. Never empty, unless a kustomization says `resources: []`: Argo CD takes an
    empty answer for the wish to delete everything. Raises Refusal with file and line; OSError for
    what the file system does not let us read.
    """
    stage = directory_in(root, stage_dir)
    directory = inside(root, stage)
    found = [name for name in NAMES if (directory / name).exists()]
    if len(found) > 1:
        raise Refusal(f"{stage or '.'}: holds {' and '.join(found)}; keep one of them")
    closure = closure_of(root, stage, Rules(kustomize.remote, kustomize.helm))
    if not found:
        return Printed(_joined(root, stage), closure)
    with kustomize.start(root, stage) as build:
        meanwhile()
        manifests = build.finished()
    if not manifests.strip() and not _empty_on_purpose(root, stage, found[0]):
        raise Refusal(
            f"{_path(stage, found[0])}:1: renders to nothing, which would delete all it ever made; "
            "list its resources, or write 'resources: []' if that is meant"
        )
    return Printed(manifests, closure)


def directory_in(root: Path, stage_dir: str) -> str:
    """`stage_dir` without empty parts and dots, '' for the root; raises Refusal if it is none."""
    path = PurePosixPath(stage_dir)
    if path.is_absolute() or ".." in path.parts or "\0" in stage_dir:
        raise Refusal(f"'{stage_dir}' is not a directory inside the repository")
    stage = "" if path == PurePosixPath() else str(path)
    if not inside(root, stage).is_dir():
        raise Refusal(f"{stage or '.'}: is not a directory of this repository")
    return stage


def _empty_on_purpose(root: Path, stage: str, name: str) -> bool:
    tree = tree_of(root, _path(stage, name))
    resources = mapping(tree.documents[0] if tree.documents else None).get("resources")
    return isinstance(resources, Sequence) and not resources.items


def _joined(root: Path, stage: str) -> bytes:
    texts = list(_manifests(root, stage))
    if not texts:
        raise Refusal(
            f"{stage or '.'}: holds neither a kustomization nor a manifest; add one, "
            "or a kustomization.yaml with 'resources: []' if nothing is meant"
        )
    return "".join(texts).encode()


def _manifests(root: Path, stage: str) -> Iterator[str]:
    directory = root / stage
    for name in sorted(one.name for one in directory.iterdir() if one.name.endswith(_SUFFIXES)):
        path = _path(stage, name)
        if inside(root, path).is_file():
            tree = tree_of(root, path)
            if _is_manifest(path, tree):
                yield _document(path, tree)


def _is_manifest(path: str, tree: Tree) -> bool:
    """All documents that say something are objects, or none is."""
    said = [one for one in tree.documents if not _silent(one)]
    strangers = [one for one in said if not word(mapping(one).get("kind"))]
    if strangers and len(strangers) != len(said):
        line = strangers[0].line
        raise Refusal(f"{path}:{line}: is not a Kubernetes object, but others here are; move it")
    return bool(said) and not strangers


def _silent(document: Node) -> bool:
    return isinstance(document, Scalar) and is_null(document)


def _document(path: str, tree: Tree) -> str:
    text = tree.text if tree.text.endswith("\n") else f"{tree.text}\n"
    if text.startswith("%") or "\n%" in text:
        raise Refusal(f"{path}:1: holds a YAML directive, which cannot be joined; remove it")
    return text if text.startswith("---") else f"---\n{text}"


def _path(stage: str, name: str) -> str:
    return f"{stage}/{name}" if stage else name
