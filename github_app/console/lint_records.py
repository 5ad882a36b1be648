"""What the records of a stage deserve a word for: copied ones, and those not applied yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plugin.errors import Refusal
from plugin.head import head_in, line_of
from plugin.holding import Managed, holding
from plugin.pipeline import Project, Stage, Warehouse
from plugin.record import Record, read_record, record_path
from plugin.stage_policy import Write

Texts = Mapping[str, str]


def warnings_of_records(
    project: Project, stage: Stage, path: str, files: Texts
) -> Iterator[tuple[str, str]]:
    """Place and text of each warning about the stage in the directory `path` with `files`."""
    for line in stage.lines:
        warehouse = project.warehouse(line.warehouse)
        file = record_path(path, warehouse.name)
        record = _record(file, files)
        if record is not None:
            own = head_in(project.name, stage, warehouse.name)
            if record.head != own and line_of(record.head):
                yield file, _copied(record, stage, own)
            if stage.write is Write.RECORD and _unapplied(stage, path, warehouse, files):
                yield file, _waiting(record, stage)


def _record(file: str, files: Texts) -> Record | None:
    """The record; what cannot be read is said of its line."""
    try:
        return read_record(file, files[file]) if file in files else None
    except Refusal:
        return None


def _copied(record: Record, stage: Stage, own: str) -> str:
    return (
        f"names the promotion {record.head} of another stage, as the record of a copied directory "
        f"does: Argo CD shows this stage under that name, and what came there, until its first "
        f"promotion; write 'head: {own}' for {stage.name}"
    )


def _unapplied(stage: Stage, path: str, warehouse: Warehouse, files: Texts) -> bool:
    """Whether the record of a promotion by pins is all that still says the version."""
    match holding(path, warehouse, files, stage.pins, stage.write):
        case Managed(record, unwritten=True):
            return record.write is Write.PINS
        case _:
            return False


def _waiting(record: Record, stage: Stage) -> str:
    return (
        f"{stage.name} has write: record, but this record was written with pins, so the sidecar "
        "does not apply it, and the files do not say its version any more: what they say instead "
        f"runs until the promotion of {record.freight.alias} is merged; keep the pins until then"
    )
