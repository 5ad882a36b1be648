"""The file changes that promote freight into a stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from plugin.artifact import Artifact, ChartName, DiskFamily, GitRepository, Repository, Watched
from plugin.bumping import bumps
from plugin.disks.move import Replaced
from plugin.disks.moves import moves
from plugin.disks.policy import USUAL, Terms
from plugin.disks.restarts import Restarting, restarting
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.held import held_by, quarrelling
from plugin.held_in import disks_in
from plugin.holding import complete
from plugin.pins.pin import Change, Kind, Pin, UpToDate
from plugin.pins.sources import Sources
from plugin.pipeline import ExplicitPin, Warehouse
from plugin.record import Record, read_record, record_path, write_record
from plugin.recorded import as_recorded, restarts_of, with_previous_disks
from plugin.stage_files import StageFiles, elsewhere, pins_that_count, sources_of
from plugin.stage_policy import Write


@dataclass(frozen=True, slots=True)
class Changes:
    """New texts of the files a promotion changes, the record included, and the bumps in them.

    `disks` are the VM disks that machines and DataSources take from then on, and `restarts` the
    machines that boot from an image which changes. `removed` are the paths of files that go.
    """

    files: Mapping[str, str]
    bumps: tuple[Change, ...]
    disks: tuple[Replaced, ...] = ()
    restarts: tuple[Restarting, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def all_files(self) -> Mapping[str, str | None]:
        """The texts by path, None for a file that goes."""
        return {**self.files, **dict.fromkeys(self.removed)}


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a stage cannot take the freight; each reason says what to do."""

    reasons: tuple[str, ...]


def promote(  # noqa: PLR0913 - a stage decides this much
    stage_dir: str,
    warehouse: Warehouse,
    files: StageFiles,
    freight: Freight,
    record: Record,
    explicit: tuple[ExplicitPin, ...] = (),
    *,
    terms: Terms = USUAL,
    unpinned: frozenset[Watched] = frozenset(),
    anew: bool = False,
) -> Changes | UpToDate | Refused:
    """The changes that make the stage hold `freight`, with `record` in the same commit.

    Refused as a whole when one artifact has no pin, a place that may be a pin cannot be bumped,
    or pins of one repository disagree: half a freight is never promoted. A record that is to be
    applied is all that changes; then only a disk that cannot move stands in the way, in the stage's
    directory or in what else of `files` it is built with. What is `unpinned` needs no pin: files
    themselves come from it. `anew` says that files are made of the record each time. Raises Refusal
    where it is built with too much.
    """
    path = record_path(stage_dir, warehouse.name)
    sources = sources_of(stage_dir, files, warehouse.subjects, explicit)
    if record.write is Write.RECORD and (more := elsewhere(stage_dir, files)):
        sources = Sources({**sources.texts, **more}, sources.names, sources.explicit)
    step = _Step(stage_dir, sources, _recorded(path, files), freight, record, terms, unpinned, anew)
    made = step.applied() if step.applies else step.pinned()
    if not isinstance(made, Changes):
        return made
    written = step.record_with(made.disks)
    disks = tuple(_as_kept(one, written, anew) for one in made.disks)
    return replace(made, files={**made.files, path: write_record(written)}, disks=disks)


def _as_kept(disk: Replaced, record: Record, anew: bool) -> Replaced:
    """The disk goes with the next sync where the record to be applied does not name its version."""
    named = any(one.subject == disk.artifact.subject for one in record.previous_disks)
    lost = disk.kept and (anew or record.write is Write.RECORD) and not named
    return replace(disk, kept=False) if lost else disk


def _recorded(path: str, files: StageFiles) -> Record | None:
    try:
        return read_record(path, files[path]) if path in files else None
    except Refusal:
        return None


@dataclass(frozen=True, slots=True)
class _Step:
    """One promotion of a line; `before` is the record that stands there."""

    stage_dir: str
    sources: Sources
    before: Record | None
    freight: Freight
    record: Record
    terms: Terms
    unpinned: frozenset[Watched] = frozenset()
    anew: bool = False

    def pinned(self) -> Changes | UpToDate | Refused:
        """The pins of the freight, in files that say what the stage holds."""
        subjects = tuple(one.subject for one in self.freight.artifacts)
        sources = self._held()
        pins, reasons = pins_that_count(self.stage_dir, subjects, sources)
        if not self._applied_before:
            reasons += [
                f"{pin}, but other pins of it differ; make them say the same first"
                for pin in quarrelling(held_by(pins), pins)
            ]
        if not reasons:
            needed = (one for one in subjects if one not in self.unpinned)
            reasons += without_pin(self.stage_dir, needed, pins)
        counts = frozenset(pins).__contains__
        done = bumps(sources, self.freight.artifacts, counts=counts, terms=self.terms)
        reasons += map(str, done.refused)
        if reasons:
            return Refused(tuple(dict.fromkeys(reasons)))
        if not done.files and self._stands:
            return UpToDate()
        files = {**_differing(self.sources, sources), **done.files}
        return Changes(files, done.changes, done.disks, restarting(sources, done.changes))

    def applied(self) -> Changes | UpToDate | Refused:
        """Nothing but the record; its disks are judged on the files as the sidecar makes them."""
        if self._stands:
            return UpToDate()
        sources = self._held()
        moved = moves(sources, self.freight.artifacts, self.terms)
        if moved.refused:
            return Refused(tuple(dict.fromkeys(map(str, moved.refused))))
        held = self.before.freight if self.before else None
        return Changes({}, (), moved.replaced, restarts_of(sources, held, self.freight))

    def record_with(self, disks: tuple[Replaced, ...]) -> Record:
        """The new record, with the versions whose disks stay when these are replaced."""
        if not disks and self.before is None:
            return self.record
        held = self.before.freight.artifacts if self.before is not None else ()
        if self.before is None or (self.applies and not self._applied_before):
            held = (*self._pinned(), *held)
        return with_previous_disks(
            self.record, self.before, held, disks, self.terms.keep, anew=self.anew
        )

    def _pinned(self) -> Iterator[Artifact]:
        """What the files say that the stage holds, its disks before all: they hold data."""
        subjects = tuple(one.subject for one in self.freight.artifacts)
        pins, _ = pins_that_count(self.stage_dir, subjects, self.sources)
        disks = tuple(pin for pin in pins if pin.kind is Kind.DATA_VOLUME)
        yield from disks_in(disks).values()
        yield from complete(held_by(disks))
        yield from complete(held_by(pins))

    def _held(self) -> Sources:
        """The files with what the stage holds: its record, or what they say themselves."""
        if self.before is None or not self._applied_before:
            return self.sources
        return as_recorded(self.sources, self.before)

    @property
    def applies(self) -> bool:
        """Whether the new record is to be applied."""
        return self.record.write is Write.RECORD

    @property
    def _applied_before(self) -> bool:
        return self.before is not None and self.before.write is Write.RECORD

    @property
    def _stands(self) -> bool:
        """Whether the record names the freight, to be written the same way; it is left alone."""
        said = self.before
        return bool(said and said.freight == self.freight and said.write is self.record.write)


def _differing(before: Sources, after: Sources) -> Mapping[str, str]:
    if before is after:
        return {}
    return {file: text for file, text in after.texts.items() if before.texts[file] != text}


def without_pin(stage_dir: str, subjects: Iterable[Watched], pins: Iterable[Pin]) -> Iterator[str]:
    """What to do for each of the subjects that no pin names: no promotion can write it."""
    pinned = {pin.subject for pin in pins}
    where = stage_dir.strip("/") or "the repository's root"
    for subject in subjects:
        if subject not in pinned:
            yield f"{where} holds no pin of {subject}; {_where_to_pin(subject)}"


def _where_to_pin(subject: Watched) -> str:
    """What to do where nothing names the subject."""
    called = subject.subscription
    match subject:
        case Repository() if not called:
            return (
                f"add an 'images' entry with 'name: {subject}' to its kustomization.yaml, or give "
                "the image a tag where a manifest names it"
            )
        case ChartName() if not called:
            return "name the chart with its version in helmCharts, Chart.yaml or an Application"
        case GitRepository() if not called:
            return "name a tag or a commit of it in a targetRevision or a remote base's ref"
        case DiskFamily() if not called:
            return "name an address of it, with a version, in a DataVolume"
        case _:
            name = called or str(subject)
            return (
                f"mark its version with a comment, '# towline: {name}:tag', or declare it in 'pins'"
            )
