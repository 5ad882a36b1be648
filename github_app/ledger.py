"""What happened and cannot be derived: freight seen, verifications, approvals, holds, rejections.

The ledger of a project is a folder of small YAML files on the orphan branch `towline-ledger`,
readable by people and written only by the App. This module holds its values and the pure way
between them and text; who may write it, and that it only ever grows, is `observe`'s concern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import yaml

from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight, FreightId

BRANCH = "towline-ledger"
FORMAT = "1"
README = """# Towline's ledger

Towline keeps here what cannot be read from the stages themselves: which freight it saw and when
it became the newest, verifications, approvals, holds and rejections, each with who and why.
Only commits made by the Towline App count; changes made by hand are undone by its next commit.
Protect this branch so that nobody else can push to it.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Freight of a warehouse and when it last became the newest."""

    freight: Freight
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened to freight in a stage: when, by whom, why."""

    freight: FreightId
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class LineNote:
    """One thing that happened to a stage's line: when, by whom, why."""

    warehouse: str
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class StageNotes:
    """Everything the ledger knows about one stage, each tuple in order of time."""

    verified: tuple[Note, ...] = ()
    approved: tuple[Note, ...] = ()
    rejected: tuple[Note, ...] = ()
    adopted: tuple[Note, ...] = ()
    held: tuple[LineNote, ...] = ()
    resumed: tuple[LineNote, ...] = ()


NOTHING = StageNotes()


@dataclass(frozen=True, slots=True)
class Ledger:
    """One project's ledger; every change gives a new one."""

    warehouses: Mapping[str, tuple[Seen, ...]]
    stages: Mapping[str, StageNotes]

    def seen(self, warehouse: str) -> tuple[Seen, ...]:
        """The warehouse's freight, the newest last."""
        return self.warehouses.get(warehouse, ())

    def notes(self, stage: str) -> StageNotes:
        """What is known of `stage`."""
        return self.stages.get(stage, NOTHING)

    def find(self, warehouse: str, freight: FreightId) -> Seen | None:
        """The entry of `freight`, if it was ever the newest."""
        return next((one for one in self.seen(warehouse) if one.freight.id == freight), None)

    def with_newest(self, freight: Freight, at: datetime) -> Ledger:
        """This ledger after `freight` became its warehouse's newest; the same if it already is."""
        seen = self.seen(freight.warehouse)
        if seen and seen[-1].freight.id == freight.id:
            return self
        rest = tuple(one for one in seen if one.freight.id != freight.id)
        return replace(
            self,
            warehouses={**self.warehouses, freight.warehouse: (*rest, Seen(freight, at))},
        )

    def with_notes(self, stage: str, notes: StageNotes) -> Ledger:
        """This ledger with the notes of `stage` replaced."""
        return replace(self, stages={**self.stages, stage: notes})


EMPTY = Ledger({}, {})


def time_text(at: datetime) -> str:
    """`at` in UTC to the second, as the ledger and the pull requests write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ledger_files(project: str, ledger: Ledger) -> dict[str, str]:
    """The ledger as files: path on the ledger branch -> text."""
    files = {
        _path(project, "warehouses", name): _dump({"freight": [_seen_tree(one) for one in seen]})
        for name, seen in ledger.warehouses.items()
        if seen
    }
    for name, notes in ledger.stages.items():
        tree = _notes_tree(notes)
        if tree:
            files[_path(project, "stages", name)] = _dump(tree)
    return files


def read_ledger(project: str, files: Mapping[str, str]) -> Ledger:
    """The project's ledger out of the branch's files; raises Refusal naming the file."""
    warehouses = {}
    stages = {}
    for path, text in files.items():
        owner, _, rest = path.partition("/")
        kind, _, name = rest.removesuffix(".yaml").partition("/")
        if owner != project or not path.endswith(".yaml"):
            continue
        if kind == "warehouses":
            warehouses[name] = _read(path, text, _warehouse_reader(name))
        elif kind == "stages":
            stages[name] = _read(path, text, _notes_of)
    return Ledger(warehouses, stages)


def _path(project: str, kind: str, name: str) -> str:
    return f"{project}/{kind}/{name}.yaml"


def _dump(tree: Mapping[str, object]) -> str:
    return yaml.safe_dump(
        {"format": int(FORMAT), **tree}, sort_keys=False, allow_unicode=True, width=2**20
    )


def _seen_tree(seen: Seen) -> dict[str, object]:
    return {
        "id": seen.freight.id,
        "alias": seen.freight.alias,
        "newestAt": time_text(seen.newest_at),
        "artifacts": [
            {"image": str(one.repository), "tag": one.tag, "digest": one.digest}
            for one in seen.freight.artifacts
        ],
    }


_FREIGHT_NOTES = ("verified", "approved", "rejected", "adopted")
_LINE_NOTES = ("held", "resumed")


def _notes_tree(notes: StageNotes) -> dict[str, object]:
    tree: dict[str, object] = {}
    for kind in _FREIGHT_NOTES:
        found: tuple[Note, ...] = getattr(notes, kind)
        tree[kind] = [
            {"freight": str(one.freight), "at": time_text(one.at), "who": one.who, "why": one.why}
            for one in found
        ]
    for kind in _LINE_NOTES:
        lines: tuple[LineNote, ...] = getattr(notes, kind)
        tree[kind] = [
            {"warehouse": one.warehouse, "at": time_text(one.at), "who": one.who, "why": one.why}
            for one in lines
        ]
    return {kind: entries for kind, entries in tree.items() if entries}


Tree: TypeAlias = Mapping[str, Any]
Read = TypeVar("Read")


def _read(path: str, text: str, reader: Callable[[Tree], Read]) -> Read:
    try:
        # BaseLoader leaves every scalar as it is written: a tag `1.10` stays text.
        tree = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
        if tree.get("format") != FORMAT:
            raise Refusal(
                f"{path} on {BRANCH} has format {tree.get('format')}, this Towline reads {FORMAT}: "
                "upgrade Towline"
            )
        return reader(tree)
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refusal(
            f"{path} on {BRANCH} cannot be read ({error}): restore its last version"
        ) from error


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _warehouse_reader(name: str) -> Callable[[Tree], tuple[Seen, ...]]:
    def read(tree: Tree) -> tuple[Seen, ...]:
        return tuple(
            Seen(
                Freight(name, tuple(_image(one) for one in entry["artifacts"])),
                _time(entry["newestAt"]),
            )
            for entry in tree.get("freight", ())
        )

    return read


def _image(tree: Tree) -> Image:
    return Image(Repository.parse(tree["image"]), tree["tag"], tree["digest"])


def _notes_of(tree: Tree) -> StageNotes:
    return StageNotes(
        verified=_freight_notes(tree.get("verified", ())),
        approved=_freight_notes(tree.get("approved", ())),
        rejected=_freight_notes(tree.get("rejected", ())),
        adopted=_freight_notes(tree.get("adopted", ())),
        held=_line_notes(tree.get("held", ())),
        resumed=_line_notes(tree.get("resumed", ())),
    )


def _freight_notes(entries: Iterable[Tree]) -> tuple[Note, ...]:
    return tuple(
        Note(FreightId(one["freight"]), _time(one["at"]), one["who"], one["why"])
        for one in entries
    )


def _line_notes(entries: Iterable[Tree]) -> tuple[LineNote, ...]:
    return tuple(
        LineNote(one["warehouse"], _time(one["at"]), one["who"], one["why"]) for one in entries
    )
