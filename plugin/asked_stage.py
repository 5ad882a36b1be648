"""The stage that is to be rendered, as what lies in its directory says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plugin.stage_policy import Write

if TYPE_CHECKING:
    from plugin.artifact.image import Image
    from plugin.artifact.kinds import Watched
    from plugin.record import Record


@dataclass(frozen=True, slots=True)
class AskedStage:
    """A stage's directory in the tree ('' is its root), its name if anything says it, its records.

    A stage without records has `name` only where the Application or the pipeline file says it.
    `overrides` are artifacts that are rendered instead of the records', where that is allowed.
    """

    directory: str
    name: str | None
    records: tuple[Record, ...]
    overrides: tuple[Image, ...] = ()

    @property
    def to_apply(self) -> tuple[Record, ...]:
        """What is applied while rendering: records with `write: record`, and `overrides`.

        Of a record whose versions are written in pins that is its overrides alone. They are no
        freight: what is made of them here is never shown.
        """
        instead: Mapping[Watched, Image] = {one.subject: one for one in self.overrides}
        records = (_overridden(one, instead) for one in self.records)
        return tuple(one for one in records if one.write is Write.RECORD)


def _overridden(record: Record, instead: Mapping[Watched, Image]) -> Record:
    old = record.freight.artifacts
    new = tuple(instead.get(one.subject, one) for one in old)
    if new == old:
        return record
    from plugin.freight import Freight

    if record.write is Write.PINS:
        new = tuple(one for one in new if one.subject in instead)
    return replace(record, freight=Freight(record.freight.warehouse, new), write=Write.RECORD)
