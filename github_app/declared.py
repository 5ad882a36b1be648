"""The pipeline files of one commit, and where the stages that they declare live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from github_app.picture import BrokenProject
from github_app.ports import Objects
from plugin.head import head_in
from plugin.pipeline import InBranch, Project, Stage
from plugin.pipeline_file import InvalidProject, Mistake, read_project_bytes

FILE_NAME = "towline.yaml"


@dataclass(frozen=True, slots=True)
class Declared:
    """The pipeline files of one commit: those that can be read, and those that cannot."""

    projects: tuple[Project, ...]
    broken: tuple[BrokenProject, ...] = ()

    def branches(self, default: str) -> tuple[str, ...]:
        """The branches that stages live on, the default branch first."""
        own = {
            stage.place.branch
            for project in self.projects
            for stage in project.stages
            if isinstance(stage.place, InBranch)
        }
        return (default, *sorted(own - {default}))

    def heads(self) -> tuple[str, ...]:
        """The head branch of every line; the lines of a group share one."""
        found = (
            head_in(project.name, stage, line.warehouse)
            for project in self.projects
            for stage in project.stages
            if stage.place is not None
            for line in stage.lines
        )
        return tuple(dict.fromkeys(found))

    def targets(self) -> tuple[str, ...]:
        """The other repositories that stages live in, in lower case: GitHub's names have none."""
        found = {repo_of(stage) for project in self.projects for stage in project.stages}
        return tuple(sorted(found - {""}))

    def living_in(self, repo: str) -> Declared:
        """The same with those stages alone that live in `repo`; '' is the files' own repository."""
        return Declared(tuple(living_in(one, repo) for one in self.projects), self.broken)


def repo_of(stage: Stage) -> str:
    """The other repository that a stage lives in, in lower case; '' for the pipeline file's own."""
    return (stage.repo or "").lower()


def living_in(project: Project, repo: str) -> Project:
    """The project with those stages alone that live in `repo`."""
    return replace(project, stages=tuple(one for one in project.stages if repo_of(one) == repo))


def declared(objects: Objects, commit: str) -> Declared:
    """Every `towline.yaml` of a commit; two projects of one name are a mistake in the second."""
    found = [one for one in objects.files(commit, "") if one.path.rpartition("/")[2] == FILE_NAME]
    texts = objects.blobs(one.oid for one in found if one.plain)
    projects: dict[str, Project] = {}
    broken = []
    for entry in sorted(found, key=lambda one: one.path):
        try:
            project = _read(entry.path, texts.get(entry.oid), projects)
            projects[project.name] = project
        except InvalidProject as invalid:
            broken.append(BrokenProject(entry.path, invalid.mistakes))
    return Declared(tuple(projects.values()), tuple(broken))


def _read(path: str, content: bytes | None, others: Mapping[str, Project]) -> Project:
    if content is None:
        raise InvalidProject((_mistake(path, "it is a link, or too large", "make it a file"),))
    project = read_project_bytes(path, content)
    if project.name in others:
        raise InvalidProject((_same_name(path, others[project.name]),))
    return project


def _same_name(path: str, other: Project) -> Mistake:
    return _mistake(
        path,
        f"project '{other.name}' is already declared in {other.file}",
        "give one of them another name",
    )


def _mistake(path: str, what: str, instead: str) -> Mistake:
    return Mistake(path, 1, 1, what, instead)
