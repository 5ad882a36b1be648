"""A stage's manifests with its freight: applied where records ask for it, guarded, annotated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.inputs.closure import Closure
from plugin.kustomize.build import Kustomize, configured
from plugin.local import unreadable
from plugin.printed import Printed, directory_in, printed
from plugin.settings import GITHUB, github_url
from plugin.sidecar.sent_tree import SentTree
from plugin.stage_policy import Write

if TYPE_CHECKING:
    from plugin.kustomize.begun import Ahead
    from plugin.sidecar.asked_stage import AskedStage
    from plugin.stage_policy import Guard


@dataclass(frozen=True, slots=True)
class Renderer:
    """What renders, as whoever runs it set it up; `github_url` is where GitHub's pages are."""

    kustomize: Kustomize
    github_url: str = GITHUB

    @classmethod
    def configured(
        cls,
        environ: Mapping[str, str],
        timeout: float,
        *,
        own_group: bool = True,
        ahead: Ahead | None = None,
    ) -> Renderer:
        """The renderer that `environ` describes; raises Refusal for what cannot be meant."""
        kustomize = configured(environ, timeout, own_group=own_group, ahead=ahead)
        return cls(kustomize, github_url(environ))


def render(root: Path, stage_dir: str, renderer: Renderer) -> bytes:
    """The manifests of the stage in `stage_dir` below `root`, as Argo CD gets them.

    A stage without records is what `printed` says, byte for byte; what records change, `rendered`
    tells. Raises Refusal with file and line, also for what the file system does not let us read.
    """
    from plugin.sidecar.argocd import Request
    from plugin.sidecar.asked_stage import asked_stage

    tree = SentTree(root)
    try:
        directory = directory_in(root, stage_dir)
    except OSError as error:
        raise unreadable(root, stage_dir, error) from error
    return rendered(tree, asked_stage(tree, directory, Request()), renderer).manifests


def rendered(tree: SentTree, stage: AskedStage, renderer: Renderer) -> Printed:
    """The manifests of `stage`, with its records as they are given, and what decided them.

    In order: records with `write: record` are applied; disks that would be lost or ignored are
    refused, unless the stage's pipeline file allows it; what carries freight is annotated.
    """
    try:
        plain = printed(
            tree.root,
            stage.directory,
            renderer.kustomize,
            meanwhile=lambda: _loaded(stage),
        )
    except OSError as error:
        raise unreadable(tree.root, stage.directory, error) from error
    manifests = plain.manifests
    if stage.records:
        manifests = _with_freight(tree, stage, manifests, renderer.github_url)
    return Printed(manifests, _widened(plain.closure, tree))


def _loaded(stage: AskedStage) -> None:
    """Load what the stage's records need, which takes as long as a small build."""
    if stage.records:
        import plugin.manifests.annotate
        import plugin.manifests.guards
    if stage.overrides or any(one.write is Write.RECORD for one in stage.records):
        import plugin.manifests.applying  # noqa: F401


def _with_freight(tree: SentTree, stage: AskedStage, manifests: bytes, github_url: str) -> bytes:
    from plugin.manifests.annotate import annotated
    from plugin.manifests.applied import applied
    from plugin.manifests.guards import guarded

    def allowed() -> frozenset[Guard]:
        # Rare, and it loads all of the pipeline file's reader.
        from plugin.sidecar.declared_stage import declared

        found = declared(tree, stage)
        return found[1].disks_allow if found else frozenset()

    applying = stage.records
    if stage.overrides:
        from plugin.sidecar.overrides import overridden

        applying = overridden(stage.records, stage.overrides)
    manifests = applied(manifests, applying, stage.directory)
    guarded(manifests, stage.records, stage.directory, allowed)
    return annotated(manifests, stage.records, stage.name or "", github_url, stage.overrides)


def _widened(closure: Closure, tree: SentTree) -> Closure:
    """The closure with all that `tree` was asked for, such as the stage's pipeline file."""
    for path in tree.looked_at:
        closure = closure.also(tree.root, path)
    return closure
