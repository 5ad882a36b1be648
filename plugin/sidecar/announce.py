"""A stage as parameters on an Application's screen in Argo CD, in Argo CD's own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from plugin.record import Record
from plugin.sidecar.overrides import freight_text, version_text


@dataclass(frozen=True, slots=True)
class Announcement:
    """One parameter: a text (`string`) or texts by key (`map`).

    The fields are those of `ParameterAnnouncement`:
    https://github.com/argoproj/argo-cd/blob/v3.2.12/reposerver/repository/repository.proto#L200
    """

    name: str
    title: str
    tooltip: str
    value: str | Mapping[str, str]
    required: bool = False

    def fields(self) -> dict[str, object]:
        """The parameter as Argo CD reads it; of the three kinds of value only its own is there."""
        kind = "string" if isinstance(self.value, str) else "map"
        return {
            "name": self.name,
            "title": self.title,
            "tooltip": self.tooltip,
            "required": self.required,
            "itemType": "string",
            "collectionType": kind,
            kind: self.value if isinstance(self.value, str) else dict(self.value),
        }


def announced(
    stage: str | None, records: tuple[Record, ...], choices: tuple[str, ...] = ()
) -> tuple[Announcement, ...]:
    """The parameters of a stage; `choices` are the stages of the project it is chosen from.

    Without records there are no versions to show. A project of which no stage is chosen yet asks
    for one.
    """
    return (_stage(stage, choices), _freight(records), _artifacts(records))


def _stage(stage: str | None, choices: tuple[str, ...]) -> Announcement:
    if not choices:
        tooltip = "The stage in this directory, as its promotions call it"
    else:
        tooltip = f"The stage to render, one of {', '.join(choices)}"
    return Announcement("stage", "Stage", tooltip, stage or "", required=bool(choices))


def _freight(records: tuple[Record, ...]) -> Announcement:
    return Announcement(
        "freight",
        "Freight",
        "What the stage holds, by warehouse: alias and id; promotions change it, not this screen",
        {one.freight.warehouse: freight_text(one.freight) for one in records},
    )


def _artifacts(records: tuple[Record, ...]) -> Announcement:
    held = (one for record in records for one in record.freight.artifacts)
    return Announcement(
        "artifacts",
        "Artifacts",
        "Versions by what has them, as TAG@DIGEST. Another version counts only where the stage in "
        "towline.yaml says overrides: true; remove the rows you do not change, for they would keep "
        "their versions when the stage is promoted",
        {str(one.subject): version_text(one) for one in held},
    )


def printed(announcements: tuple[Announcement, ...]) -> bytes:
    """The list in JSON that Argo CD expects on standard output."""
    return json.dumps([one.fields() for one in announcements]).encode() + b"\n"
