"""One side of a change to a stage: its files, with the disks that its applied records name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from plugin.errors import Refusal
from plugin.pins.sources import Sources
from plugin.record import DIRECTORY, Record, read_record
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
        directory = f"{self.path}/{DIRECTORY}" if self.path else DIRECTORY
        for file in sorted(self.files):
            if file.rpartition("/")[0] == directory:
                try:
                    record = read_record(file, self.files[file])
                except Refusal:
                    continue
                if record.write is Write.RECORD:
                    yield record
