"""What Argo CD asks about an Application: is it a stage, its parameters, its manifests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.argocd import Request, requested
from plugin.asked_stage import PIPELINE, AskedStage, asked_stage, declared, project_at
from plugin.errors import Refusal
from plugin.overrides import check_freight, overridden, overrides
from plugin.pipeline import InDirectory, Project
from plugin.printed import Printed
from plugin.render import Renderer, rendered
from plugin.sent import words
from plugin.sent_tree import SentTree
from plugin.stage_records import has_records

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
    check_freight(stage.records, request)
    wanted = overrides(stage.records, request)
    if wanted:
        _check_allowed(tree, stage)
    return replace(stage, records=overridden(stage.records, wanted))


def _check_allowed(tree: SentTree, stage: AskedStage) -> None:
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


def discovered(environ: Mapping[str, str], root: str, here: str) -> str:
    """The directory of the stage that lies at `here`, '' if there is none.

    A project's root is one if the Application says anything about its stage, whatever it says:
    rendering tells better what is wrong. Nothing is refused, because that would be an error of
    every Application that Argo CD asks about.
    """
    tree, place = SentTree(Path(root)), here or "."
    try:
        if has_records(tree, here) or (_speaks(environ) and tree.read(_pipeline(here)) is not None):
            return place
        return place if declared(tree, AskedStage(here, None, ())) else ""
    except Refusal:
        return ""


def _speaks(environ: Mapping[str, str]) -> bool:
    return bool(words(environ).strip("\0"))


def _pipeline(here: str) -> str:
    return f"{here}/{PIPELINE}" if here else PIPELINE


def parameters(environ: Mapping[str, str], root: str, here: str) -> bytes:
    """The parameters for the Application's screen, as JSON.

    Nothing is refused: what is wrong with the Application is mended on this very screen.
    """
    from plugin.announce import announced, printed

    tree = SentTree(Path(root))
    stage = next(_asked(environ, tree, here), None)
    project = _project(tree, here)
    elsewhere = stage is None or stage.directory != here
    choices = _names(project) if project and elsewhere else ()
    if stage is None:
        return printed(announced(None, (), choices))
    return printed(announced(stage.name or _name(tree, stage), stage.records, choices))


def _asked(environ: Mapping[str, str], tree: SentTree, here: str) -> Iterator[AskedStage]:
    """What the Application asks for, then what it would be if it asked for nothing."""
    for request in (_request(environ), Request()):
        try:
            yield asked_stage(tree, here, request)
        except Refusal:
            continue


def _request(environ: Mapping[str, str]) -> Request:
    try:
        return requested(environ)
    except Refusal:
        return Request()


def _project(tree: SentTree, here: str) -> Project | None:
    try:
        return project_at(tree, here)
    except Refusal:
        return None


def _names(project: Project) -> tuple[str, ...]:
    return tuple(one.name for one in project.stages if isinstance(one.place, InDirectory))


def _name(tree: SentTree, stage: AskedStage) -> str | None:
    try:
        found = declared(tree, stage)
    except Refusal:
        return None
    return found[1].name if found else None
