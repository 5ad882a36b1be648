"""One side of a change to a stage: its files, with the disks that its applied records name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from plugin.errors import Refusal
from plugin.pins.sources import Sources
from plugin.record import Record
from plugin.record_files import record_files, record_in, records_directory
from plugin.recorded import as_recorded
from plugin.stage_policy import Write


@dataclass(frozen=True, slots=True)
class Side:
    """All that a stage is built with, its directory, and its own files."""

    sources: Sources
    path: str
    files: Mapping[str, str]

    def applied(self, *, previous: bool) -> Sources:
        """The files with the disks of the records; without `previous` ones every line stays."""
        sources = self.sources
        for record in self._records():
            kept = record if previous else replace(record, previous_disks=())
            sources = as_recorded(sources, kept)
        return sources

    def _records(self) -> Iterator[Record]:
        """Those that are applied; one that cannot be read is said of its line."""
        directory = records_directory(self.path)
        split = (posixpath.split(file) for file in self.files)
        for file in record_files(directory, (name for place, name in split if place == directory)):
            try:
                record = record_in(file, self.files[file])
            except Refusal:
                continue
            if record.write is Write.RECORD:
                yield record
