"""Computed checksums in a file, so that a restart does not lose an hour's work."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from github_app.warehouse.disk_index.fetching import Validators
from github_app.warehouse.disk_index.known_sums import Computed, State

_LOG = logging.getLogger(__name__)
_CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}")
_MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SumsFile:
    """A JSON file; what cannot be read or written is computed again, which is said in the log."""

    path: Path

    def read(self) -> tuple[Computed, ...]:
        """What the file says, nothing if it says nothing that makes sense."""
        try:
            with self.path.open("rb") as stream:
                return tuple(_entries(json.loads(stream.read(_MAX_BYTES))))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
            _LOG.warning("%s is not understood, its images are read again: %s", self.path, error)
            return ()

    def write(self, computed: tuple[Computed, ...]) -> None:
        """These, all or none: a crash leaves the file as it was."""
        beside = self.path.with_name(f"{self.path.name}.new")
        try:
            with beside.open("w", encoding="utf-8") as stream:
                json.dump([_as_json(one) for one in computed], stream, indent=1)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(self.path)
        except OSError as error:
            _LOG.warning("%s cannot be written, a restart reads images again: %s", beside, error)


def _entries(found: Any) -> Iterator[Computed]:
    for one in found:
        at = datetime.fromisoformat(one["at"])
        length = one["length"]
        texts = (one["address"], one["etag"] or "", one["modified"] or "")
        if not all(isinstance(text, str) for text in texts) or at.tzinfo is None:
            raise ValueError("an address, a validator or a time is none")
        if not isinstance(length, int | None) or not _CHECKSUM.fullmatch(one["checksum"]):
            raise ValueError("a length or a checksum is none")
        state = State(Validators(one["etag"], one["modified"]), length)
        yield Computed(one["address"], state, one["checksum"], at)


def _as_json(one: Computed) -> dict[str, str | int | None]:
    return {
        "address": one.address,
        "etag": one.state.validators.etag,
        "modified": one.state.validators.modified,
        "length": one.state.length,
        "checksum": one.checksum,
        "at": one.at.isoformat(),
    }
