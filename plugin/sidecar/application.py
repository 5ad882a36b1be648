"""The manifests of an Application: which stage it asks for, and that rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.asked_stage import AskedStage
from plugin.errors import Refusal
from plugin.file_tree import FileTree
from plugin.local import unreadable
from plugin.printed import Printed, directory_in
from plugin.render import Renderer, rendered
from plugin.sidecar.argocd import Request, requested
from plugin.sidecar.asking import PIPELINE, asked_stage

if TYPE_CHECKING:
    from plugin.kustomize.begun import Ahead
    from plugin.stage_policy import Guard


def manifests(
    environ: Mapping[str, str], root: str, here: str, timeout: float, ahead: Ahead | None = None
) -> Printed:
    """The manifests of the stage that the Application at `here` below `root` asks for.

    Raises Refusal, also for what the Application may not ask for; `timeout` in seconds. `ahead` is
    its build, where that has begun.
    """
    tree = FileTree(Path(root))
    stage = stage_of(requested(environ), tree, here)
    renderer = Renderer.configured(environ, timeout, own_group=False, ahead=ahead)
    return rendered_in(tree, stage, renderer)


def render(root: Path, stage_dir: str, renderer: Renderer) -> bytes:
    """The manifests of the stage in `stage_dir` below `root`, as Argo CD gets them; see below."""
    return answer(root, stage_dir, renderer).manifests


def answer(root: Path, stage_dir: str, renderer: Renderer) -> Printed:
    """The manifests of the stage in `stage_dir` below `root`, and all that decided them.

    That is what an Application gets which says nothing but the path. Raises Refusal.
    """
    tree = FileTree(root)
    try:
        directory = directory_in(root, stage_dir)
    except OSError as error:
        raise unreadable(root, stage_dir, error) from error
    return rendered_in(tree, asked_stage(tree, directory, Request()), renderer)


def rendered_in(tree: FileTree, stage: AskedStage, renderer: Renderer) -> Printed:
    """The manifests of `stage`, and everything in the tree that decided them.

    Also what `tree` was asked for, such as the pipeline file that chose the stage.
    """

    def allowed() -> frozenset[Guard]:
        from plugin.sidecar.declared_stage import declared  # rare, and slow to load

        found = declared(tree, stage)
        return found[1].disks_allow if found else frozenset()

    made = rendered(tree.root, stage, renderer, allowed)
    closure = made.closure
    for path in tree.looked_at:
        closure = closure.also(tree.root, path)
    return replace(made, closure=closure)


def stage_of(request: Request, tree: FileTree, here: str) -> AskedStage:
    """The stage that is asked for, with the overrides that it allows."""
    stage = asked_stage(tree, here, request)
    if not (stage.records or request.freight or request.artifacts):
        return stage
    from plugin.sidecar.overrides import check_freight, overrides

    place = stage.directory or "."
    try:
        check_freight(stage.records, request)
        wanted = overrides(stage.records, request)
    except Refusal as refusal:
        raise Refusal(f"{place}: {refusal}") from refusal
    if wanted:
        _check_allowed(tree, stage, request.option)
    return replace(stage, overrides=wanted)


def _check_allowed(tree: FileTree, stage: AskedStage, option: str) -> None:
    from plugin.sidecar.declared_stage import declared  # loads all that a pipeline can say

    found = declared(tree, stage)
    place = stage.directory or "."
    if found is None:
        raise Refusal(
            f"{place}: only a {PIPELINE} can allow {_who(option)} to override artifacts, and none "
            f"in {'the checkout' if option else 'the files that Argo CD sent'} declares this stage "
            f"as a directory; {_out(option)}"
        )
    project, declaration = found
    if not declaration.overrides:
        raise Refusal(
            f"{place}: stage '{declaration.name}' does not allow {_who(option)} to override "
            f"artifacts: {_out(option)}; or, if other versions than the record's are meant, write "
            f"'overrides: true' at the stage in {project.file}"
        )


def _who(option: str) -> str:
    return option or "the Application"


def _out(option: str) -> str:
    if option:
        return f"leave {option} out"
    return (
        "Argo CD's screen saves the versions that it showed, which a promotion has left behind "
        "since; remove the parameter 'artifacts' from the Application"
    )
