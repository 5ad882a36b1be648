"""What a process finds around it: environment, time, ids; read once, handed on as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that is neither settings nor GitHub; tests and the simulator make their own."""

    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    new_id: Callable[[], str]
    between_writes: timedelta = timedelta(seconds=1)

    def docker_config(self) -> Path:
        """Docker's configuration file, where the docker command looks for it."""
        home = Path(self.environ.get("HOME", "/"))
        directory = self.environ.get("DOCKER_CONFIG")
        return (Path(directory) if directory else home / ".docker") / "config.json"
