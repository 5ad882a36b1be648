"""What Argo CD shows of an Application: whether it is a stage, and the parameters of its screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from plugin.asked_stage import AskedStage
from plugin.errors import Refusal
from plugin.file_tree import FileTree
from plugin.pipeline import Project
from plugin.sidecar.announce import announced, printed
from plugin.sidecar.argocd import Request, requested
from plugin.sidecar.asking import asked_stage, pipeline_in
from plugin.sidecar.declared_stage import declared, is_here, project_at
from plugin.sidecar.sent import words
from plugin.stage_records import has_records


def discovered(environ: Mapping[str, str], root: str, here: str) -> str:
    """The directory of the stage that lies at `here`, '' if there is none.

    A project's root is one if the Application says anything about its stage, whatever it says:
    rendering tells better what is wrong. Nothing is refused, because that would be an error of
    every Application that Argo CD asks about.
    """
    tree, place = FileTree(Path(root)), here or "."
    try:
        if has_records(tree, here):
            return place
        if _speaks(environ) and tree.read(pipeline_in(here)) is not None:
            return place
        return place if declared(tree, AskedStage(here, None, ())) else ""
    except Refusal:
        return ""


def _speaks(environ: Mapping[str, str]) -> bool:
    return bool(words(environ).strip("\0"))


def parameters(environ: Mapping[str, str], root: str, here: str) -> bytes:
    """The parameters for the Application's screen, as JSON.

    Nothing is refused: what is wrong with the Application is mended on this very screen.
    """
    tree = FileTree(Path(root))
    stage = next(_asked(environ, tree, here), None)
    project = _project(tree, here)
    elsewhere = stage is None or stage.directory != here
    choices = _names(project) if project and elsewhere else ()
    if stage is None:
        return printed(announced(None, (), choices))
    return printed(announced(stage.name or _name(tree, stage), stage.records, choices))


def _asked(environ: Mapping[str, str], tree: FileTree, here: str) -> Iterator[AskedStage]:
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


def _project(tree: FileTree, here: str) -> Project | None:
    try:
        return project_at(tree, here)
    except Refusal:
        return None


def _names(project: Project) -> tuple[str, ...]:
    return tuple(one.name for one in project.stages if is_here(one))


def _name(tree: FileTree, stage: AskedStage) -> str | None:
    try:
        found = declared(tree, stage)
    except Refusal:
        return None
    return found[1].name if found else None
