"""Where a stage's versions are written, and which of its disks are guarded."""

from __future__ import annotations

import enum


class Write(enum.Enum):
    """What a promotion changes: the pins in the stage's files, or its record alone.

    A record alone is applied by the sidecar while it renders.
    """

    PINS = "pins"
    RECORD = "record"


class Guard(enum.Enum):
    """What the sidecar refuses about the disks of virtual machines, unless the stage allows it.

    A disk that two machines share, one that is referenced and gone, a name whose suffix is not its
    source's digest, and a previous disk that is no longer among the manifests.
    """

    SHARED = "shared"
    MISSING = "missing"
    MISMATCHED = "mismatched"
    PRUNED = "pruned"
