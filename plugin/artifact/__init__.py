"""What carries a version: images, charts, Git revisions, disk images and machines' systems.

A *subject* is what has versions; an artifact is a subject at one of them. Each module is loaded
when something of it is asked for: a render needs images only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugin.artifact.chart import Chart, ChartName
    from plugin.artifact.custom import Custom, CustomName
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
    from plugin.artifact.kinds import Artifact, Subject, Wanted, Watched
    from plugin.artifact.machine import Machine, MachineVersion
else:

    def __getattr__(name: str) -> object:
        for module, names in _MODULES.items():
            if name in names.split():
                from importlib import import_module

                return getattr(import_module(f"{__name__}.{module}"), name)
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


_MODULES = {
    "chart": "Chart ChartName",
    "custom": "Custom CustomName",
    "disk": "DiskFamily DiskImage is_checksum",
    "git": "GitRepository Revision",
    "image": "DOCKER_HUB Image Reference Repository Tagged Untied is_digest is_tag",
    "kinds": "Artifact Subject Wanted Watched",
    "machine": "Machine MachineVersion",
}

__all__ = [
    "DOCKER_HUB",
    "Artifact",
    "Chart",
    "ChartName",
    "Custom",
    "CustomName",
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
    "Watched",
    "is_checksum",
    "is_digest",
    "is_tag",
]
