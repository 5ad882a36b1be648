"""What is refused of the disks that a stage would get: what loses data, or does nothing at all.

Said before anything is applied, because the cluster would not say it, or say it too late.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plugin.errors import Refusal

if TYPE_CHECKING:
    from plugin.manifests.disk_faults import Fault
    from plugin.record import Record
    from plugin.stage_policy import Guard

_OF_KUBEVIRT = b"kubevirt.io/"
# What people read in one go; Argo CD's screen shows it in one paragraph.
_TOLD = 20


def guarded(
    manifests: bytes,
    records: tuple[Record, ...],
    directory: str,
    allowed: Callable[[], frozenset[Guard]],
) -> None:
    """Nothing, where the disks in `manifests` are sound; raises Refusal with every fault.

    Each is said with the stage's `directory`. `allowed` is asked only where there is a fault, for
    the guards that the stage leaves out.
    """
    if _OF_KUBEVIRT not in manifests:
        return
    from plugin.manifests.disk_faults import (
        faults_in,  # loads YAML, which most stages need not pay for
    )

    found = faults_in(manifests, records, directory)
    left_out = allowed() if found else frozenset()
    faults = [(guards, text) for guards, text in found if not guards <= left_out]
    if faults:
        texts = [f"{directory or '.'}: {text}" for _, text in faults]
        raise Refusal("\n".join([*_some(texts), _way_out(faults, left_out)]))


def _some(texts: list[str]) -> list[str]:
    more = len(texts) - _TOLD
    return [*texts[:_TOLD], f"... and {more} more like these"] if more > 0 else texts


def _way_out(faults: list[Fault], left_out: frozenset[Guard]) -> str:
    """What to write to have it all the same, with the guards that are left out already."""
    guards = left_out.union(*(one for one, _ in faults))
    names = ", ".join(sorted(one.value for one in guards))
    return (
        f"if it is meant, write 'disks: {{allow: [{names}]}}' at the stage in towline.yaml, which "
        "has to be among the files that Argo CD sends (not left out by "
        "argocd.argoproj.io/manifest-generate-paths); a stage on a branch can leave no guard out"
    )
