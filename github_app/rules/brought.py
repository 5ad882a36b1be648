"""What a promotion brings into its stage from elsewhere: sources, copies, rendered manifests. Pure.

What is lacking for an answer is asked for by `Unread`; rounds read or render it and plan anew.
"""

from __future__ import annotations

from github_app.brought import Origin
from github_app.picture import LinePicture, ProjectPicture
from github_app.rules.decision import Unread
from plugin import holding as holdings
from plugin.artifact import GitRepository, Watched
from plugin.bringing import Standing, blob_of
from plugin.freight import Freight
from plugin.pins.pin import UpToDate
from plugin.pipeline import InBranch, Line, Project, Stage
from plugin.promotion import Changes, Refused
from plugin.record import Record
from plugin.stage_files import is_record

Answer = Changes | UpToDate | Refused | Unread


def brings(stage: Stage) -> bool:
    """Whether files of the stage come from elsewhere, so that freight alone does not decide."""
    return bool(stage.copies) or sources_of_stage(stage) is not None


def sources_of_stage(stage: Stage) -> str | None:
    """The directory that the stage's branch is made from, if it is."""
    match stage.place:
        case InBranch(_, sources):
            return sources
        case _:
            return None


def begun(stage: Stage, branch: str) -> str:
    """The page in the branch of a stage that is begun for it."""
    place = sources_of_stage(stage) or "."
    what = "the rendered manifests" if stage.render else "the sources"
    return (
        f"# {branch}\n\n"
        f"This branch holds {what} of stage `{stage.name}`, in `{place}`. Towline brings them by "
        "pull requests;\nwhat you add besides is left alone.\n\n"
        f"In Argo CD: `targetRevision: {branch}`, `path: {place}`.\n"
    )


def leads(stage: Stage, line: Line, picture: ProjectPicture) -> bool:
    """Whether a change of the sources alone is this line's: the one whose freight names them.

    Else the first that holds any.
    """
    held = {
        one.warehouse: record.freight
        for one in stage.lines
        if (record := record_of(picture.lines[stage.name, one.warehouse])) is not None
    }
    named = [name for name, freight in held.items() if commit_in(freight, picture.origin)]
    return line.warehouse == next(iter([*named, *held]), None)


def unpinned_in(project: Project, origin: Origin | None) -> frozenset[Watched]:
    """What needs no pin in a project whose files come from commits: the repository itself."""
    if origin is None or not any(map(brings, project.stages)):
        return frozenset()
    return frozenset(
        subject
        for warehouse in project.warehouses
        for subject in warehouse.carries
        if isinstance(subject, GitRepository) and origin.is_same(subject)
    )


def undone(changes: Changes, line: LinePicture) -> bool:
    """Whether the last merged promotion brought all of this, and somebody changed it since."""
    if not line.merged:
        return False
    there = Standing(line.directory, line.merged)
    files = {path: text for path, text in changes.files.items() if not is_record(path)}
    gone = [path for path in changes.removed if not is_record(path)]
    brought_before = all(
        blob_of(text, there) == line.merged.get(one) for one, text in files.items()
    )
    return bool(files or gone) and brought_before and line.merged.keys().isdisjoint(gone)


def commit_in(freight: Freight, origin: Origin | None) -> str | None:
    """The commit of the pipeline file's own repository that `freight` carries, if it does."""
    for one in freight.artifacts:
        subject = one.subject
        if isinstance(subject, GitRepository) and origin and origin.is_same(subject):
            return one.content
    return None


def record_of(line: LinePicture) -> Record | None:
    """The record of what the line holds, where pins agree with it."""
    match line.holding:
        case holdings.Managed(record):
            return record
        case _:
            return None
