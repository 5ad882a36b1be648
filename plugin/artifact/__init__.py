"""What carries a version: images, charts, Git revisions, disk images and machines' systems.

A *subject* is what has versions; an artifact is a subject at one of them.
"""

from __future__ import annotations

from typing import TypeAlias

from plugin.artifact.chart import Chart, ChartName
from plugin.artifact.disk import DiskFamily, DiskImage, is_checksum
from plugin.artifact.git import GitRepository, Revision
from plugin.artifact.image import (
    DOCKER_HUB,
    Image,
    Reference,
    Repository,
    Tagged,
    Untied,
    is_digest,
    is_tag,
)
from plugin.artifact.machine import Machine, MachineVersion

Subject: TypeAlias = Repository | ChartName | GitRepository | DiskFamily | Machine
# What freight carries today, and everything a bump may be asked for.
Artifact: TypeAlias = Image
Wanted: TypeAlias = Image | Tagged | Untied | Chart | Revision | DiskImage | MachineVersion

__all__ = [
    "DOCKER_HUB",
    "Artifact",
    "Chart",
    "ChartName",
    "DiskFamily",
    "DiskImage",
    "GitRepository",
    "Image",
    "Machine",
    "MachineVersion",
    "Reference",
    "Repository",
    "Revision",
    "Subject",
    "Tagged",
    "Untied",
    "Wanted",
    "is_checksum",
    "is_digest",
    "is_tag",
]
