"""Printed manifests with the artifacts and disks of records that no file of the stage names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugin.stage_policy import Write

if TYPE_CHECKING:
    from plugin.record import Record


def applied(manifests: bytes, records: tuple[Record, ...]) -> bytes:
    """`manifests` with the artifacts of those `records` that are to be applied.

    In every field that a bump of files changes, and in containers without a version; the disks of
    previous versions stay beside the present ones. What carries none of them stays byte for byte
    and is not read. The result is what kustomize would have printed of bumped files, but for two
    things that its output does not show: of an image written by digest alone no tag is added, and
    documents that stand in kustomize's own order are kept in it. Raises Refusal where a place
    cannot take its version, as a bump would, and for an artifact that nothing carries.
    """
    applying = tuple(one for one in records if one.write is Write.RECORD)
    if not applying:
        return manifests
    from plugin.applying import applied_to  # loads YAML, which stages with pins need not pay for

    return applied_to(manifests, applying)
