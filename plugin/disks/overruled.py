"""Disks and pointers that kustomize writes over: patches by name, and copied fields."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.disks.hearing import Hearing
from plugin.disks.model import Disk, Pointer
from plugin.disks.patches import Patch, Way, matches
from plugin.pins.kubevirt_objects import DATA_VOLUME
from plugin.pins.replacement_sources import Kustomized
from plugin.pins.replacements import Target

_FILLED: tuple[Way, ...] = (("metadata", "name"), ("spec", "source"), ("spec", "sourceRef"))
_NAMES = {("dataVolume", "name"), ("persistentVolumeClaim", "claimName")}


def patched(hearing: Hearing, disk: Disk, name: str) -> str | None:
    """Why a copy of the disk under `name` would not be patched as the disk is, or None."""
    for one in _patches(hearing, disk.file) if disk.machine is None else ():
        if one.path == disk.file:
            return (
                f"disk '{disk.id.name}' stands in a patch, {one.file}:{one.line}, and a patch for "
                "a new disk would have nothing to change; write the whole DataVolume here"
            )
        if _only_one(one, disk.id.name, name):
            return (
                f"disk '{disk.id.name}' is changed by a patch at {one.file}:{one.line}, which "
                "would not change the new disk alike; write that into the DataVolume"
            )
    return None


def _patches(hearing: Hearing, file: str) -> Iterator[Patch]:
    for build in hearing.built.builds(file):
        yield from hearing.around(build, file).patches


def _only_one(patch: Patch, old: str, new: str) -> bool:
    """Whether it selects one of both, or may; or changes what only Towline may change."""
    if patch.kind is None or patch.name is None or matches(patch.kind, DATA_VOLUME) is False:
        return False
    before, after = matches(patch.name, old), matches(patch.name, new)
    if before is None or before != after:
        return True
    return before and patch.touches(_FILLED)


def copied_over(hearing: Hearing, pointer: Pointer) -> str | None:
    """The replacement that writes over the pointer, or None."""
    machine, sources = pointer.machine, hearing.sources
    if machine is None:
        return None
    for build in hearing.built.builds(pointer.file):
        for file in hearing.around(build, pointer.file).kustomizations:
            if "replacements" not in sources.texts[file]:
                continue
            for entry in Kustomized(file, sources.texts, sources.tree).replacements():
                if any(_writes(one, machine.kind, pointer) for one in entry.targets):
                    return f"{file}:{entry.line}"
    return None


def _writes(target: Target, kind: str, pointer: Pointer) -> bool:
    machine = pointer.machine.id.name if pointer.machine else ""
    if matches(target.kind, kind) is False or matches(target.name, machine) is False:
        return False
    return any(
        _volume(path) in ("", pointer.holder) for path in target.field_paths if path[-2:] in _NAMES
    )


def _volume(path: Way) -> str:
    """The volume that a path selects by name, '' for any."""
    steps = [one for one in path if one.startswith("[name=")]
    return steps[-1][6:-1] if steps else ""
