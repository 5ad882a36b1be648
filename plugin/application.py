"""The manifests of an Application: which stage it asks for, and that rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.argocd import requested
from plugin.asked_stage import PIPELINE, AskedStage, asked_stage
from plugin.errors import Refusal
from plugin.printed import Printed
from plugin.render import Renderer, rendered
from plugin.sent_tree import SentTree

if TYPE_CHECKING:
    from plugin.ahead import Ahead


def manifests(
    environ: Mapping[str, str], root: str, here: str, timeout: float, ahead: Ahead | None = None
) -> Printed:
    """The manifests of the stage that the Application at `here` below `root` asks for.

    Raises Refusal, also for what the Application may not ask for; `timeout` in seconds. `ahead` is
    its build, where that has begun.
    """
    tree = SentTree(Path(root))
    stage = stage_of(environ, tree, here)
    renderer = Renderer.configured(environ, timeout, own_group=False, ahead=ahead)
    return rendered(tree, stage, renderer)


def stage_of(environ: Mapping[str, str], tree: SentTree, here: str) -> AskedStage:
    """The stage that is asked for; its records have the Application's overrides in them."""
    request = requested(environ)
    stage = asked_stage(tree, here, request)
    if not (stage.records or request.freight or request.artifacts):
        return stage
    from plugin.overrides import check_freight, overridden, overrides

    check_freight(stage.records, request)
    wanted = overrides(stage.records, request)
    if wanted:
        _check_allowed(tree, stage)
    return replace(stage, records=overridden(stage.records, wanted))


def _check_allowed(tree: SentTree, stage: AskedStage) -> None:
    from plugin.declared_stage import declared  # loads all that a pipeline can say

    found = declared(tree, stage)
    if found is None:
        raise Refusal(
            f"{stage.directory or '.'}: only a {PIPELINE} can allow the Application to override "
            "artifacts, and none in the files that Argo CD sent declares this stage; "
            "take the parameter 'artifacts' out"
        )
    project, declaration = found
    if not declaration.overrides:
        raise Refusal(
            f"{project.file}:1: stage '{declaration.name}' does not allow the Application to "
            "override artifacts; write 'overrides: true' there, or take the parameter "
            "'artifacts' out"
        )
