"""All that has versions, all that freight carries, and all that a bump may be asked for."""

from __future__ import annotations

from typing import TypeAlias

from plugin.artifact.chart import Chart, ChartName
from plugin.artifact.disk import DiskFamily, DiskImage
from plugin.artifact.git import GitRepository, Revision
from plugin.artifact.image import Image, Repository, Tagged, Untied
from plugin.artifact.machine import Machine, MachineVersion

Subject: TypeAlias = Repository | ChartName | GitRepository | DiskFamily | Machine
# What freight carries today.
Artifact: TypeAlias = Image
Wanted: TypeAlias = Image | Tagged | Untied | Chart | Revision | DiskImage | MachineVersion
