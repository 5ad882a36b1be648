"""All that has versions, all that freight carries, and all that a bump may be asked for."""

from __future__ import annotations

from typing import TypeAlias

from plugin.artifact.chart import Chart, ChartName
from plugin.artifact.custom import Custom, CustomName
from plugin.artifact.disk import DiskFamily, DiskImage
from plugin.artifact.git import GitRepository, Revision
from plugin.artifact.image import Image, Repository, Tagged, Untied
from plugin.artifact.machine import Machine, MachineVersion

# What a warehouse can watch, and what freight carries of it.
Watched: TypeAlias = Repository | ChartName | GitRepository | DiskFamily | CustomName
Artifact: TypeAlias = Image | Chart | Revision | DiskImage | Custom
Subject: TypeAlias = Watched | Machine
Wanted: TypeAlias = Artifact | Tagged | Untied | MachineVersion
