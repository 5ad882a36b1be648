"""A stage's manifests as its files say: what kustomize builds, or the files as they lie there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from plugin.divided import printed_documents
from plugin.errors import Refusal, Temporary
from plugin.inputs.closure import Closure, Rules, closure_of, walked
from plugin.kustomize.build import Kustomize
from plugin.local import inside, tree_of
from plugin.pins.kustomization import NAMES

# What a kustomization brings objects with, besides `resources`.
# https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.8.1/api/types/kustomization.go
_SOURCES = (
    "bases",
    "components",
    "configMapGenerator",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "secretGenerator",
    "transformers",
)
_NO_ITEMS = b"\nitems: []\n"


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
    are passed over. Never empty, unless a kustomization says `resources: []` and names nothing else
    that could bring any: Argo CD takes an empty answer for the wish to delete everything, and lists
    without items for no answer. Raises Refusal with file and line; OSError for
    what the file system does not let us read.
    """
    stage = directory_in(root, stage_dir)
    kustomization = _kustomization(root, stage)
    rules = Rules(kustomize.remote, kustomize.helm)
    closure = closure_of(root, stage, rules)
    if kustomization is None:
        from plugin.joined import joined  # loads YAML

        return Printed(joined(root, stage), closure)
    with kustomize.start(root, stage) as build:
        meanwhile()
        try:
            manifests = build.finished()
        except Refusal as refusal:
            _walked(root, stage, rules, refusal)
            raise
    if _nothing(manifests) and not _empty_on_purpose(root, kustomization):
        raise Refusal(
            f"{kustomization}:1: renders to nothing, which would delete all it ever made; "
            "list its resources, or write 'resources: []' and no other source if that is meant"
        )
    return Printed(manifests, closure)


def _kustomization(root: Path, stage: str) -> str | None:
    """The path of the stage's kustomization, if it has one; raises Refusal for two."""
    directory = inside(root, stage)
    found = [name for name in NAMES if (directory / name).exists()]
    if len(found) > 1:
        raise Refusal(f"{stage or '.'}: holds {' and '.join(found)}; keep one of them")
    return _path(stage, found[0]) if found else None


def _walked(root: Path, stage: str, rules: Rules, refusal: Refusal) -> None:
    """Raise what says it with file and line, if there is anything and the time for it."""
    try:
        walked(root, stage, rules)
    except Temporary:
        raise refusal from None


def directory_in(root: Path, stage_dir: str) -> str:
    """`stage_dir` without empty parts and dots, '' for the root; raises Refusal if it is none."""
    path = PurePosixPath(stage_dir)
    if path.is_absolute() or ".." in path.parts or "\0" in stage_dir:
        raise Refusal(f"'{stage_dir}' is not a directory inside the repository")
    stage = "" if path == PurePosixPath() else str(path)
    if not inside(root, stage).is_dir():
        raise Refusal(f"{stage or '.'}: is not a directory of this repository")
    return stage


def _nothing(manifests: bytes) -> bool:
    """Whether there is no object: Argo CD takes all that has a list `items` apart into those.

    https://github.com/argoproj/argo-cd/blob/v3.2.12/reposerver/repository/repository.go
    """
    if not manifests.strip():
        return True
    if _NO_ITEMS not in manifests:
        return False
    every = (manifests[start:end] for start, end in printed_documents(manifests))
    return all(_NO_ITEMS in b"\n%b\n" % one for one in every)


def _empty_on_purpose(root: Path, file: str) -> bool:
    from plugin.pins.nodes import Sequence  # loads YAML, which stages with manifests need not pay
    from plugin.pins.reading import mapping, sequence

    tree = tree_of(root, file)
    said = mapping(tree.documents[0] if tree.documents else None)
    resources = said.get("resources")
    if not isinstance(resources, Sequence) or resources.items:
        return False
    return not any(sequence(said.get(source)).items for source in _SOURCES)


def _path(stage: str, name: str) -> str:
    return f"{stage}/{name}" if stage else name
