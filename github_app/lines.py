"""The lines of a project as its repository has them: files, record, stays, head, pull requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from github_app.github.facts import BranchFacts, Made, PullFacts, RepositoryFacts
from github_app.heads import head_of_line
from github_app.histories import Histories, Stays
from github_app.picture import (
    Base,
    Closer,
    Head,
    LinePicture,
    MissingPlace,
    Result,
    Stay,
)
from github_app.ports import Objects
from github_app.stage_texts import Directory, StageTexts, TextReader
from github_app.watched_paths import PathReader
from plugin import holding as holdings
from plugin.errors import Refusal
from plugin.freight import FreightId
from plugin.head import head_of
from plugin.pipeline import InBranch, InDirectory, Line, Project, Stage
from plugin.record import record_path

Lines = Mapping[tuple[str, str], LinePicture]


class LineReader:
    """Reads lines; remembers what never changes: what trees, records and histories said.

    `paths` reads the directories that warehouses watch.
    """

    def __init__(self) -> None:
        self.paths = PathReader()
        self._texts = TextReader()
        self._histories = Histories()

    def lines(self, project: Project, objects: Objects, facts: RepositoryFacts) -> Lines:
        """Every line of the project's stages that have a place."""
        stages = [stage for stage in project.stages if stage.place is not None]
        places = {stage.name: _place(stage, facts.default_branch) for stage in stages}
        branches = {
            name: BranchReader(
                name=name,
                facts=branch,
                trees=objects.directories(branch.oid, ("", *_on(name, places))),
                stays=self._histories.stays(objects, branch.oid),
            )
            for name, branch in facts.branches.items()
            if any(at == name for at, _ in places.values())
        }
        directories = {
            stage.name: directory
            for stage in stages
            if (directory := _directory(stage, *places[stage.name], branches)) is not None
        }
        default = branches.get(facts.default_branch)
        root = default.trees.get("") if default else None
        texts = self._texts.read(project, objects, directories.values(), root)
        reader = ProjectReader(
            project=project,
            objects=objects,
            facts=facts,
            histories=self._histories,
            branches=branches,
            places=places,
            texts={name: texts[directory] for name, directory in directories.items()},
            open=_by_head(facts.open),
        )
        return {
            (stage.name, line.warehouse): reader.line(stage, line)
            for stage in stages
            for line in stage.lines
        }


def _by_head(pulls: Iterable[PullFacts]) -> Mapping[str, Sequence[PullFacts]]:
    found: dict[str, list[PullFacts]] = {}
    for one in pulls:
        if not one.pull.fork:
            found.setdefault(one.pull.head, []).append(one)
    return found


def _place(stage: Stage, default_branch: str) -> tuple[str, str]:
    """The branch and the directory of a stage."""
    match stage.place:
        case InDirectory(path):
            return default_branch, path
        case InBranch(branch):
            return branch, ""
        case None:
            raise AssertionError(f"{stage.name} has no place")


def _on(branch: str, places: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    return (path for at, path in places.values() if at == branch)


def _directory(
    stage: Stage, name: str, path: str, branches: Mapping[str, BranchReader]
) -> Directory | None:
    branch = branches.get(name)
    tree = branch.trees.get(path) if branch else None
    if tree is None:
        return None
    warehouses = tuple(line.warehouse for line in stage.lines)
    return Directory(path, tree, warehouses, stage.pins, stage.write)


@dataclass(frozen=True, slots=True)
class BranchReader:
    """A branch that stages live on: their directories' trees, and what its history tells."""

    name: str
    facts: BranchFacts
    trees: Mapping[str, str]
    stays: Stays


@dataclass(frozen=True, slots=True)
class ProjectReader:
    """One project's lines at one moment; `texts` has the stages whose directories are there."""

    project: Project
    objects: Objects
    facts: RepositoryFacts
    histories: Histories
    branches: Mapping[str, BranchReader]
    places: Mapping[str, tuple[str, str]]
    texts: Mapping[str, StageTexts]
    open: Mapping[str, Sequence[PullFacts]]

    def line(self, stage: Stage, line: Line) -> LinePicture:
        """What the repository says of one line."""
        head = head_of(self.project.name, stage.name, line.warehouse)
        name, directory = self.places[stage.name]
        branch = self.branches.get(name)
        if branch is None:
            reason = f"{self.project.file}: branch '{name}' of stage {stage.name} does not exist"
            return self._missing(stage, line, f"{reason}; create it, or mend 'branch'")
        texts = self.texts.get(stage.name)
        if texts is None:
            reason = f"{self.project.file}: '{directory}' of stage {stage.name} is not on {name}"
            return self._missing(stage, line, f"{reason}; create it, or mend 'path'")
        record = record_path(directory, line.warehouse)
        holding = texts.holdings[line.warehouse]
        stays = branch.stays.get(record, ())
        open_pull = _of_line(self.open.get(head, ()), name)
        last = _of_line(self.facts.last.get(head, ()), name)
        return LinePicture(
            stage=stage.name,
            warehouse=line.warehouse,
            base=Base(name, branch.facts.oid, "towline" in branch.facts.required),
            directory=directory,
            holding=holding,
            files=texts.texts,
            stays=stays,
            changed_by=self._changed_by(holding, branch, directory),
            results=self._results(branch.facts, last, stays),
            head=self._head(head, branch, record, open_pull or last),
            open=open_pull.pull if open_pull else None,
            last=last.pull if last else None,
            last_freight=self._last_freight(last, record),
        )

    def _missing(self, stage: Stage, line: Line, reason: str) -> LinePicture:
        return LinePicture(stage.name, line.warehouse, MissingPlace(reason), "", holdings.Empty())

    def _changed_by(self, holding: holdings.Holding, branch: BranchReader, directory: str) -> str:
        match holding:
            case holdings.Unmanaged():
                return self.objects.author(branch.facts.oid, directory)
            case _:
                return ""

    def _results(
        self, branch: BranchFacts, last: PullFacts | None, stays: Sequence[Stay]
    ) -> tuple[Result, ...]:
        """What was said of the commit that brought the freight, and of the tip that holds it."""
        if last is not None and stays and last.pull.merge_commit == stays[-1].commit:
            return branch.results + last.results
        return branch.results

    def _head(
        self, head: str, branch: BranchReader, record: str, pull: PullFacts | None
    ) -> Head | None:
        made = self.facts.heads.get(head)
        if made is None:
            return None
        commits: dict[str, Made] = {one.oid: one for one in (pull.commits if pull else ())}
        commits.setdefault(made.oid, made)
        return head_of_line(self.objects, branch.facts.oid, made, commits, record)

    def _last_freight(self, last: PullFacts | None, record: str) -> FreightId | None:
        """The freight of a promotion that a person closed unmerged."""
        if last is None or last.pull.closed_by is not Closer.PERSON:
            return None
        if not self.objects.has(last.pull.head_oid):
            with contextlib.suppress(Refusal):
                self.objects.fetch_pull(last.pull.number)
        if not self.objects.has(last.pull.head_oid):
            return None
        tree = self.objects.tree(last.pull.head_oid)
        found = (one for part in self.objects.find({tree: [record]}) for one in part[tree])
        blobs = [one.oid for one in found if one.plain]
        return next(iter(self.histories.freight_ids(self.objects, blobs).values()), None)


def _of_line(pulls: Sequence[PullFacts], base: str) -> PullFacts | None:
    """The first that is the line's: to its base, whoever opened it, else ours to a former base.

    GitHub allows one open pull request for a head and a base: somebody's own is in our place.
    """
    to_base = (one for one in pulls if one.pull.base == base)
    return next(to_base, next((one for one in pulls if one.pull.ours), None))
