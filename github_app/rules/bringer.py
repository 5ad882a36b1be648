"""The files of a promotion whose stage takes more than versions from elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from github_app.brought import Files, Lacking, Origin, ToBuild, ToRead
from github_app.picture import Base, LinePicture, ProjectPicture
from github_app.rules.brought import Answer, commit_in, record_of, sources_of_stage, unpinned_in
from github_app.rules.decision import Unread
from plugin import holding as holdings
from plugin.artifact import Watched
from plugin.bringing import Standing, brought, readable, with_records
from plugin.brought_list import list_path
from plugin.disks.policy import Terms
from plugin.freight import Freight
from plugin.pins.pin import UpToDate
from plugin.pipeline import Line, Stage, Warehouse
from plugin.promotion import Changes, Refused, promote
from plugin.record import Record, record_path
from plugin.stage_policy import At

_MACHINES = "kubevirt.io"


@dataclass(frozen=True, slots=True)
class _Coming:
    """What is read; of a copy with the place where it goes."""

    need: ToRead
    to: str | None = None

    def at(self, path: str) -> str:
        """Where a file that was read at `path` goes."""
        return path if self.to is None else self.to + path[len(self.need.path) :]


@dataclass(frozen=True, slots=True)
class Bringer:
    """One line of a stage that `brings`."""

    project: ProjectPicture
    stage: Stage
    line: Line
    terms: Terms

    def changes(self, freight: Freight, record: Record) -> Answer:
        """The files that make the stage hold `freight` by `record`, and all else it asks for."""
        origin = self.project.origin
        if origin is None:
            return Refused((f"{self.stage.name}: the repository of its sources is not known here",))
        reasons = (*self._without_commits(origin), *self._unsettled())
        if reasons:
            return Refused(reasons)
        needs = tuple(self._needs(freight, origin))
        if not needs:
            return self._promoted(self._picture.files, freight, record)
        missing = tuple(one.need for one in needs if one.need not in self.project.brought)
        if missing:
            return Unread(missing)
        files, lacking = self._collected(needs)
        return Refused(lacking) if lacking else self._with(files, freight, record)

    @property
    def _picture(self) -> LinePicture:
        return self.project.lines[self.stage.name, self.line.warehouse]

    @property
    def _of_sources(self) -> bool:
        return sources_of_stage(self.stage) is not None

    @property
    def _branch(self) -> str:
        base = self._picture.base
        return base.branch if isinstance(base, Base) else "its branch"

    def _without_commits(self, origin: Origin) -> Iterator[str]:
        """Why there is nothing to copy, if no warehouse of the stage watches this repository."""
        if self.stage.copies and not self._unpinned:
            yield (
                f"'copy' of {self.stage.name} takes files at a commit that its freight carries, "
                f"and none of its warehouses watches {origin.repository or 'its repository'}; "
                "add a 'git' subscription to it"
            )

    def _unsettled(self) -> Iterator[str]:
        """What nobody knows the versions of: with new files they could not be kept."""
        if not self._of_sources:
            return
        own = self._picture
        machines = any(_MACHINES in text for text in own.files.values())
        if machines and not isinstance(own.holding, holdings.Managed):
            yield (
                f"{own.directory} holds virtual machines on {self._branch}, and no record says "
                "which disks they run on; take 'path' out of the stage until a promotion has "
                "written its record"
            )
        for one in self.stage.lines:
            if one.warehouse != self.line.warehouse:
                match self.project.lines[self.stage.name, one.warehouse].holding:
                    case holdings.Unmanaged() | holdings.Unreadable():
                        name = f"{self.stage.name}/{one.warehouse}"
                        yield f"what {name} holds is not clear; settle that first"
                    case _:
                        pass

    def _needs(self, freight: Freight, origin: Origin) -> Iterator[_Coming]:
        own = commit_in(freight, origin) or (
            self._commit_elsewhere(origin) if self._of_sources else None
        )
        sources = sources_of_stage(self.stage)
        if sources is not None:
            commit = own if own and self.stage.at is At.FREIGHT else origin.tip
            yield _Coming(ToRead(commit, sources, sources=True))
        inside = self.project.project.directory
        for place, to in self.stage.copies if own else ():
            path = f"{inside}/{place}" if inside else place
            yield _Coming(ToRead(own or "", path, sources=False), f"{self._picture.directory}/{to}")

    def _commit_elsewhere(self, origin: Origin) -> str | None:
        """The commit that another line of the stage holds: sources stay where that put them."""
        for one in self.stage.lines:
            record = record_of(self.project.lines[self.stage.name, one.warehouse])
            commit = commit_in(record.freight, origin) if record else None
            if commit and one.warehouse != self.line.warehouse:
                return commit
        return None

    def _collected(self, needs: Iterable[_Coming]) -> tuple[dict[str, str], tuple[str, ...]]:
        """What was read, at the paths where it goes, and why something is lacking."""
        files: dict[str, str] = {}
        reasons: list[str] = []
        for one in needs:
            match self.project.brought[one.need]:
                case Lacking(said):
                    reasons += said
                case Files(found):
                    files.update((one.at(path), text) for path, text in found.items())
        return files, tuple(reasons)

    def _with(self, files: Mapping[str, str], freight: Freight, record: Record) -> Answer:
        own = self._picture
        base = files if self._of_sources else {**own.files, **files}
        held = with_records(own.directory, base, self._records(), self.stage.pins)
        made = self._promoted({**held, **self._record_texts()}, freight, record)
        if isinstance(made, Refused):
            return made
        changed = made.files if isinstance(made, Changes) else {}
        whole = {**held, **changed}
        if self.stage.render:
            return self._rendered(whole, made)
        # The record is the line's own, and of a directory only what is copied is brought.
        return self._standing({one: whole[one] for one in files}, made)

    def _promoted(
        self, files: Mapping[str, str], freight: Freight, record: Record
    ) -> Changes | UpToDate | Refused:
        return promote(
            self._picture.directory,
            self.project.project.warehouse(self.line.warehouse),
            readable(files),
            freight,
            record,
            self.stage.pins,
            terms=self.terms,
            unpinned=self._unpinned,
            anew=True,
        )

    @property
    def _unpinned(self) -> frozenset[Watched]:
        return unpinned_in(self.project.project, self.project.origin)

    def _rendered(self, files: Mapping[str, str], made: Changes | UpToDate) -> Answer:
        """The manifests that `files` give, in their place, and of the promotion its record."""
        directory = self._picture.directory
        need = ToBuild(directory, tuple(sorted({**self._record_texts(), **files}.items())))
        match self.project.brought.get(need):
            case None:
                return Unread((need,))
            case Lacking(reasons):
                return Refused(reasons)
            case Files(found):
                pass
        if isinstance(made, Changes):
            path = record_path(directory, self.line.warehouse)
            made = replace(made, files={one: made.files[one] for one in made.files if one == path})
        return self._standing({f"{directory}/{one}": text for one, text in found.items()}, made)

    def _standing(self, files: Mapping[str, str], made: Changes | UpToDate) -> Answer:
        own = self._picture
        listed = own.files.get(list_path(own.directory))
        return brought(Standing(own.directory, own.blobs, listed), files, made)

    def _record_texts(self) -> Mapping[str, str]:
        """The stage's records as they stand, by path."""
        own = self._picture
        paths = [record_path(own.directory, one.warehouse) for one in self.stage.lines]
        return {one: own.files[one] for one in paths if one in own.files}

    def _records(self) -> Iterator[tuple[Record, Warehouse]]:
        """What the stage's lines hold; of pins that nobody recorded, where they are whole."""
        for one in self.stage.lines:
            warehouse = self.project.project.warehouse(one.warehouse)
            match self.project.lines[self.stage.name, one.warehouse].holding:
                case holdings.Managed(record):
                    yield record, warehouse
                case holdings.Adopted(_, Freight() as freight):
                    yield Record(freight, "adopted/adopted", "adopted"), warehouse
                case _:
                    pass
