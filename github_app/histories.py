"""How long freight stayed, by branches' histories of records: read once, they never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from github_app.picture import Stay
from github_app.ports import Objects
from github_app.remembering import Remembered
from github_app.rules.stays import stays_of
from plugin.errors import Refusal
from plugin.freight import FreightId
from plugin.record import read_record

Stays = Mapping[str, tuple[Stay, ...]]
Recorded = tuple[FreightId, FreightId | None]
"""Freight, and what it leads to if it is a step."""
# Records whose freight is remembered, and changes of records of branches whose history is.
_MOST_RECORDS = 50_000
_MOST_CHANGES = 100_000


class Histories:
    """Reads histories by the commits they end in, and records by their blobs."""

    def __init__(self) -> None:
        self._recorded: Remembered[str, Recorded | None] = Remembered(_MOST_RECORDS)
        self._stays: Remembered[str, Stays] = Remembered(_MOST_CHANGES)

    def stays(self, objects: Objects, tip: str) -> Stays:
        """The stays that the branch ending in `tip` tells of, by the path of the record."""
        if tip in self._stays:
            return self._stays[tip]
        changes = objects.records(tip)
        said = self.recorded(objects, (one.blob for one in changes if one.blob))
        told: dict[str, list[tuple[str, datetime, FreightId | None]]] = {}
        for one in changes:
            found = said[one.blob] if one.blob else None
            told.setdefault(one.path, []).append((one.commit, one.at, found[0] if found else None))
        steps = {one[0]: one[1] for one in said.values() if one and one[1]}
        stays = {path: stays_of(some, steps) for path, some in told.items()}
        return self._stays.keep(tip, stays, len(changes) + 1)

    def recorded(self, objects: Objects, blobs: Iterable[str]) -> Mapping[str, Recorded | None]:
        """The freight that records' blobs name; None for those that cannot be read."""
        wanted = dict.fromkeys(blobs)
        found = {one: self._recorded[one] for one in wanted if one in self._recorded}
        new = [one for one in wanted if one not in found]
        contents = objects.blobs(new) if new else {}
        for one in new:
            found[one] = self._recorded.keep(one, _recorded(one, contents.get(one, b"")))
        return found


def _recorded(blob: str, content: bytes) -> Recorded | None:
    try:
        freight = read_record(blob, content.decode("utf-8", "replace")).freight
    except Refusal:
        return None
    return freight.id, freight.towards
