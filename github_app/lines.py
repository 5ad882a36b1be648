"""The lines of a project as its repository has them: files, record, stays, head, pull requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from github_app.brought import Origin
from github_app.github.facts import RepositoryFacts
from github_app.github.pull_facts import Made, PullFacts
from github_app.heads import head_of_line
from github_app.histories import Histories, Recorded
from github_app.listings import Listings
from github_app.picture import Head, LinePicture, MissingPlace, Stay
from github_app.ports import Objects
from github_app.pulls import Closer
from github_app.results import Deployed
from github_app.rules.brought import brings, sources_of_stage, unpinned_in
from github_app.rules.stays import current
from github_app.stage_branches import BranchReader, branches_of, directories_of, place_of
from github_app.stage_texts import StageTexts, TextReader
from github_app.watched_paths import PathReader
from plugin import holding as holdings
from plugin.errors import Refusal
from plugin.head import head_in
from plugin.pipeline import Line, Project, Stage
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
        self._listings = Listings()

    def lines(
        self,
        project: Project,
        objects: Objects,
        facts: RepositoryFacts,
        living: Sequence[Stage] | None = None,
        origin: Origin | None = None,
    ) -> Lines:
        """Every line of the project's stages that have a place.

        `living` are those that live in the repository of `facts` and `objects`: all, if nobody
        says. `origin` is the pipeline file's own, if that is another one.
        """
        own = project.stages if living is None else living
        stages = [stage for stage in own if stage.place is not None]
        places = {stage.name: place_of(stage, facts.default_branch) for stage in stages}
        branches = branches_of(places, objects, facts, self._histories)
        unpinned = unpinned_in(project, origin or Origin.of(facts.url, facts.default_oid))
        directories = directories_of(stages, branches, facts.default_branch, unpinned)
        default = branches.get(facts.default_branch)
        root = default.trees.get("") if default else None
        texts = self._texts.read(project, objects, directories.values(), root)
        reader = ProjectReader(
            project=project,
            objects=objects,
            facts=facts,
            histories=self._histories,
            listings=self._listings,
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


@dataclass(frozen=True, slots=True)
class ProjectReader:
    """One project's lines at one moment; `texts` has the stages whose directories are there."""

    project: Project
    objects: Objects
    facts: RepositoryFacts
    histories: Histories
    listings: Listings
    branches: Mapping[str, BranchReader]
    places: Mapping[str, tuple[str, str]]
    texts: Mapping[str, StageTexts]
    open: Mapping[str, Sequence[PullFacts]]

    def line(self, stage: Stage, line: Line) -> LinePicture:
        """What the repository says of one line."""
        head = head_in(self.project.name, stage, line.warehouse)
        name, directory = self.places[stage.name]
        branch, texts = self.branches.get(name), self._texts(stage)
        if branch is None or texts is None:
            missing = self._missing(stage, branch)
            return LinePicture(stage.name, line.warehouse, missing, "", holdings.Empty())
        record = record_path(directory, line.warehouse)
        holding = texts.holdings[line.warehouse]
        stays = branch.stays.get(record, ())
        open_pull = _of_line(self.open.get(head, ()), name)
        closed = self.facts.last.get(head, ())
        last, brought = _of_line(closed, name), _brought(closed, stays)
        carried, towards = self._last_freight(last, record)
        return LinePicture(
            stage=stage.name,
            warehouse=line.warehouse,
            base=branch.base,
            directory=directory,
            holding=holding,
            files=texts.texts,
            stays=stays,
            changed_by=self._changed_by(holding, branch, directory),
            results=branch.facts.results + (brought.results if brought else ()),
            head=self._head(stage, line, branch, open_pull or last),
            open=open_pull.pull if open_pull else None,
            last=last.pull if last else None,
            last_freight=carried,
            last_towards=towards,
            brought=brought.pull if brought else None,
            deployments=self._deployments(stage, head),
            blobs=self._blobs(stage, branch.facts.oid),
            merged=self._blobs(stage, last.pull.merge_commit if last else None),
        )

    def _missing(self, stage: Stage, branch: BranchReader | None) -> MissingPlace:
        """What to do about a place that is not there; a branch of sources is ours to begin."""
        name, directory = self.places[stage.name]
        if branch is not None:
            reason = f"{self.project.file}: '{directory}' of stage {stage.name} is not on {name}"
            return MissingPlace(f"{reason}; create it, or mend 'path'")
        reason = f"{self.project.file}: branch '{name}' of stage {stage.name} does not exist"
        if sources_of_stage(stage) is not None:
            return MissingPlace(f"{reason} yet", name)
        return MissingPlace(f"{reason}; create it, or mend 'branch'")

    def _texts(self, stage: Stage) -> StageTexts | None:
        """What the stage's directory says; of a branch, that may still be nothing at all."""
        found = self.texts.get(stage.name)
        names = [one.warehouse for one in stage.lines]
        if sources_of_stage(stage) is None:
            return found
        if found is None:
            return StageTexts({}, dict.fromkeys(names, holdings.Empty()))
        if not stage.render:
            return found
        directory = self.places[stage.name][1]
        return replace(found, holdings={one: found.recorded(directory, one) for one in names})

    def _changed_by(self, holding: holdings.Holding, branch: BranchReader, directory: str) -> str:
        match holding:
            case holdings.Unmanaged():
                return self.objects.author(branch.facts.oid, directory)
            case _:
                return ""

    def _head(
        self, stage: Stage, line: Line, branch: BranchReader, pull: PullFacts | None
    ) -> Head | None:
        made = self.facts.heads.get(head_in(self.project.name, stage, line.warehouse))
        if made is None:
            return None
        commits: dict[str, Made] = {one.oid: one for one in (pull.commits if pull else ())}
        commits.setdefault(made.oid, made)
        record = record_path(self.places[stage.name][1], line.warehouse)
        base = branch.facts.oid
        return head_of_line(self.objects, base, made, commits, record, brings=brings(stage))

    def _blobs(self, stage: Stage, commit: str | None) -> Mapping[str, str]:
        """The files that stand where the stage brings some: anywhere, or in its directory."""
        if not brings(stage) or commit is None or not self.objects.has(commit):
            return {}
        _, directory = self.places[stage.name]
        below = "" if sources_of_stage(stage) is not None else directory
        return self.listings.of(self.objects, commit, below)

    def _deployments(self, stage: Stage, head: str) -> tuple[Deployed, ...]:
        return tuple(
            one
            for pull in self.facts.last.get(head, ())
            for one in pull.deployments
            if one.environment == stage.name
        )

    def _last_freight(self, last: PullFacts | None, record: str) -> Recorded | tuple[None, None]:
        """The freight of a promotion that a person closed unmerged, or that was merged.

        What was merged is read where its commit is here already: nothing is decided by it.
        """
        merged = last is not None and last.pull.merge_commit is not None
        if last is None or not (merged or last.pull.closed_by is Closer.PERSON):
            return None, None
        if not self.objects.has(last.pull.head_oid) and not merged:
            with contextlib.suppress(Refusal):
                self.objects.fetch_pull(last.pull.number)
        if not self.objects.has(last.pull.head_oid):
            return None, None
        tree = self.objects.tree(last.pull.head_oid)
        files = (one for part in self.objects.find({tree: [record]}) for one in part[tree])
        found = self.histories.recorded(self.objects, (one.oid for one in files if one.plain))
        return next((one for one in found.values() if one is not None), (None, None))


def _brought(pulls: Sequence[PullFacts], stays: Sequence[Stay]) -> PullFacts | None:
    """The pull request that brought what is there now; what was said of its merge counts."""
    now = current(stays)
    if now is None:
        return None
    return next((one for one in pulls if one.pull.merge_commit == now.commit), None)


def _of_line(pulls: Sequence[PullFacts], base: str) -> PullFacts | None:
    """The first that is the line's: to its base, whoever opened it, else ours to a former base.

    GitHub allows one open pull request for a head and a base: somebody's own is in our place.
    """
    to_base = (one for one in pulls if one.pull.base == base)
    return next(to_base, next((one for one in pulls if one.pull.ours), None))
