"""Printed manifests with the artifacts and disks of records that no file of the stage names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugin.stage_policy import Write

if TYPE_CHECKING:
    from plugin.record import Record


def applied(manifests: bytes, records: tuple[Record, ...], directory: str) -> bytes:
    """`manifests` with the artifacts of those `records` that are to be applied.

    In every field that a bump of files changes. Then in every object of any kind, custom resources
    included: behind keys that say image (`image`, `runnerImage`, `imageName`, items of `images`)
    whether a version stands there or not, and behind all other keys where the whole value is the
    repository with a version (`ghcr.io/acme/web:0`); a name without one may mean anything there
    and stays. Objects that only describe images stay, too: definitions, policies, and what watches
    registries. The disks of previous versions stay beside the present ones. What carries none of
    them stays byte for byte and is not read.

    The result is what kustomize would have printed of bumped files, but for two things that its
    output does not show: of an image written by digest alone no tag is added, and documents that
    stand in kustomize's own order are kept in it. Raises Refusal, with the stage's `directory` or
    a record's path, where a place cannot take its version, for an artifact that nothing carries,
    and where two records want a repository at two versions.
    """
    applying = tuple(one for one in records if one.write is Write.RECORD)
    if not applying:
        return manifests
    from plugin.manifests.applying import (
        applied_to,  # loads YAML, which stages with pins need not pay for
    )

    return applied_to(manifests, applying, directory)
