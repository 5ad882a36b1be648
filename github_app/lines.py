"""The lines of a project as its repository has them: files, record, stays, head, pull requests."""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from github_app.github.facts import BranchFacts, Made, PullFacts, RepositoryFacts
from github_app.heads import head_of_line
from github_app.picture import (
    Base,
    Closer,
    Head,
    LinePicture,
    MissingPlace,
    Result,
    Stay,
)
from github_app.ports import Objects, RecordChange, TreeEntry
from github_app.pull_request import head_of
from github_app.rules.stays import stays_of
from plugin import promotion
from plugin.errors import Refusal
from plugin.freight import FreightId
from plugin.pipeline import InBranch, InDirectory, Line, Project, Stage, Warehouse
from plugin.record import read_record, record_path
from plugin.stage_files import decides_all, is_candidate

Lines = Mapping[tuple[str, str], LinePicture]


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads lines; `freight_ids` remembers what an old record's blob said, for it never changes."""

    freight_ids: dict[str, FreightId | None] = field(default_factory=dict)

    def lines(self, project: Project, objects: Objects, facts: RepositoryFacts) -> Lines:
        """Every line of the project's stages that have a place."""
        branches = {
            name: BranchReader(name, branch, objects, self)
            for name, branch in facts.branches.items()
        }
        reader = ProjectReader(project, objects, facts, branches)
        return {
            (stage.name, line.warehouse): reader.line(stage, line)
            for stage in project.stages
            if stage.place is not None
            for line in stage.lines
        }

    def freight_id(self, objects: Objects, blob: str) -> FreightId | None:
        """The freight a record's blob names; None if it cannot be read."""
        if blob not in self.freight_ids:
            text = objects.blobs([blob]).get(blob, b"").decode("utf-8", "replace")
            try:
                self.freight_ids[blob] = read_record(blob, text).freight.id
            except Refusal:
                self.freight_ids[blob] = None
        return self.freight_ids[blob]


@dataclass(slots=True)
class BranchReader:
    """One base branch at one commit, its tree listed once for all stages on it."""

    name: str
    facts: BranchFacts
    objects: Objects
    memory: LineReader
    _entries: Sequence[TreeEntry] | None = None
    _records: Mapping[str, Sequence[RecordChange]] | None = None

    def entries(self, directory: str) -> Sequence[TreeEntry]:
        """The files below a directory of the branch."""
        if self._entries is None:
            self._entries = sorted(self.objects.files(self.facts.oid, ""), key=lambda one: one.path)
        if not directory:
            return self._entries
        start = bisect_left(self._entries, f"{directory}/", key=lambda one: one.path)
        # '0' follows '/': the first path that no longer begins with the directory.
        end = bisect_left(self._entries, f"{directory}0", key=lambda one: one.path)
        return self._entries[start:end]

    def stays(self, record: str) -> tuple[Stay, ...]:
        """The stays that the history of one record tells of."""
        if self._records is None:
            self._records = _by_path(self.objects.records(self.facts.oid))
        return stays_of(
            (one.commit, one.at, self._freight(one.blob)) for one in self._records.get(record, ())
        )

    def _freight(self, blob: str | None) -> FreightId | None:
        return self.memory.freight_id(self.objects, blob) if blob else None


def _by_path(changes: Iterable[RecordChange]) -> Mapping[str, Sequence[RecordChange]]:
    found: dict[str, list[RecordChange]] = {}
    for change in changes:
        found.setdefault(change.path, []).append(change)
    return found


@dataclass(frozen=True, slots=True)
class ProjectReader:
    """One project's lines at one moment."""

    project: Project
    objects: Objects
    facts: RepositoryFacts
    branches: Mapping[str, BranchReader]

    def line(self, stage: Stage, line: Line) -> LinePicture:
        """What the repository says of one line."""
        head = head_of(self.project.name, stage.name, line.warehouse)
        branch, directory = self._place(stage)
        reader = self.branches.get(branch)
        if reader is None:
            reason = f"{self.project.file}: branch '{branch}' of stage {stage.name} does not exist"
            return self._missing(stage, line, f"{reason}; create it, or mend 'branch'")
        entries = reader.entries(directory)
        if not entries:
            reason = f"{self.project.file}: '{directory}' of stage {stage.name} is not on {branch}"
            return self._missing(stage, line, f"{reason}; create it, or mend 'path'")
        warehouse = self.project.warehouse(line.warehouse)
        record = record_path(directory, line.warehouse)
        files, unreadable = self._texts(entries, warehouse, directory)
        holding = unreadable or promotion.holding(directory, warehouse, files)
        stays = reader.stays(record)
        open_pull, last = self._open(head, branch), self._last(head, branch)
        return LinePicture(
            stage=stage.name,
            warehouse=line.warehouse,
            base=Base(branch, reader.facts.oid, "towline" in reader.facts.required),
            directory=directory,
            holding=holding,
            files=files,
            stays=stays,
            changed_by=self._changed_by(holding, reader, directory),
            results=self._results(reader.facts, last, stays),
            head=self._head(head, reader, record, open_pull or last),
            open=open_pull.pull if open_pull else None,
            last=last.pull if last else None,
            last_freight=self._last_freight(last, record, reader),
        )

    def _missing(self, stage: Stage, line: Line, reason: str) -> LinePicture:
        return LinePicture(stage.name, line.warehouse, MissingPlace(reason), "", promotion.Empty())

    def _place(self, stage: Stage) -> tuple[str, str]:
        match stage.place:
            case InDirectory(path):
                return self.facts.default_branch, path
            case InBranch(branch):
                return branch, ""
            case None:
                raise AssertionError(f"{stage.name} has no place")

    def _texts(
        self, entries: Sequence[TreeEntry], warehouse: Warehouse, directory: str
    ) -> tuple[dict[str, str], promotion.Unreadable | None]:
        """The files that may hold a pin of the warehouse, its record, and the kustomization."""
        record = record_path(directory, warehouse.name)
        names = [one.path.rpartition("/")[2].encode() for one in warehouse.repositories]
        wanted = [one for one in entries if one.plain and is_candidate("", one.path)]
        contents = self.objects.blobs(one.oid for one in wanted)
        texts, reasons = {}, []
        for entry in wanted:
            content = contents.get(entry.oid)
            if content is None:
                reasons.append(f"{entry.path}: it is too large to be read; make it smaller")
                continue
            always = entry.path == record or decides_all(directory, entry.path)
            if not always and not any(name in content for name in names):
                continue
            try:
                texts[entry.path] = content.decode("utf-8")
            except UnicodeDecodeError:
                reasons.append(f"{entry.path}: it is not UTF-8; write it as UTF-8")
        return texts, promotion.Unreadable(tuple(reasons)) if reasons else None

    def _open(self, head: str, base: str) -> PullFacts | None:
        found = [one for one in self.facts.open if one.pull.head == head and not one.pull.fork]
        return _of_line(found, base)

    def _last(self, head: str, base: str) -> PullFacts | None:
        return _of_line(self.facts.last.get(head, ()), base)

    def _changed_by(self, holding: promotion.Holding, reader: BranchReader, directory: str) -> str:
        match holding:
            case promotion.Unmanaged():
                return self.objects.author(reader.facts.oid, directory)
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
        self, head: str, reader: BranchReader, record: str, pull: PullFacts | None
    ) -> Head | None:
        made = self.facts.heads.get(head)
        if made is None:
            return None
        commits: dict[str, Made] = {one.oid: one for one in (pull.commits if pull else ())}
        commits.setdefault(made.oid, made)
        return head_of_line(self.objects, reader.facts.oid, made, commits, record)

    def _last_freight(
        self, last: PullFacts | None, record: str, reader: BranchReader
    ) -> FreightId | None:
        """The freight of a promotion that a person closed unmerged."""
        if last is None or last.pull.closed_by is not Closer.PERSON:
            return None
        if not self.objects.has(last.pull.head_oid):
            with contextlib.suppress(Refusal):
                self.objects.fetch_pull(last.pull.number)
        if not self.objects.has(last.pull.head_oid):
            return None
        directory = record.rpartition("/")[0]
        for entry in self.objects.files(last.pull.head_oid, directory):
            if entry.path == record and entry.plain:
                return reader.memory.freight_id(self.objects, entry.oid)
        return None


def _of_line(pulls: Sequence[PullFacts], base: str) -> PullFacts | None:
    """The first that is the line's: to its base, whoever opened it, else ours to a former base.

    GitHub allows one open pull request for a head and a base: somebody's own is in our place.
    """
    to_base = (one for one in pulls if one.pull.base == base)
    return next(to_base, next((one for one in pulls if one.pull.ours), None))
