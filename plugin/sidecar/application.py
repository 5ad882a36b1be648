"""The manifests of an Application: which stage it asks for, and that rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.errors import Refusal
from plugin.printed import Printed
from plugin.render import Renderer, rendered
from plugin.sidecar.argocd import Request, requested
from plugin.sidecar.asked_stage import PIPELINE, AskedStage, asked_stage
from plugin.sidecar.sent_tree import SentTree

if TYPE_CHECKING:
    from plugin.kustomize.begun import Ahead


def manifests(
    environ: Mapping[str, str], root: str, here: str, timeout: float, ahead: Ahead | None = None
) -> Printed:
    """The manifests of the stage that the Application at `here` below `root` asks for.

    Raises Refusal, also for what the Application may not ask for; `timeout` in seconds. `ahead` is
    its build, where that has begun.
    """
    tree = SentTree(Path(root))
    stage = stage_of(requested(environ), tree, here)
    renderer = Renderer.configured(environ, timeout, own_group=False, ahead=ahead)
    return rendered(tree, stage, renderer)


def stage_of(request: Request, tree: SentTree, here: str) -> AskedStage:
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


def _check_allowed(tree: SentTree, stage: AskedStage, option: str) -> None:
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
