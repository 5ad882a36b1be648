"""Container disks: made from disk images, and pushed to registries."""

from __future__ import annotations
