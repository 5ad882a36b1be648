"""What is refused of the disks that a stage would get: what loses data, or does nothing at all.

Said before anything is applied, because the cluster would not say it, or say it too late.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plugin.errors import Refusal

if TYPE_CHECKING:
    from plugin.record import Record
    from plugin.stage_policy import Guard

_OF_KUBEVIRT = b"kubevirt.io/"


def guarded(
    manifests: bytes, records: tuple[Record, ...], allowed: Callable[[], frozenset[Guard]]
) -> None:
    """Nothing, where the disks in `manifests` are sound; raises Refusal with every fault.

    `allowed` is asked only where there is a fault, for the guards that the stage leaves out.
    """
    if _OF_KUBEVIRT not in manifests:
        return
    from plugin.disks.rendered import faults_in  # loads YAML, which most stages need not pay for

    found = faults_in(manifests, records)
    left_out = allowed() if found else frozenset()
    texts = [f"{text}; {_way_out(guard)}" for guard, text in found if guard not in left_out]
    if texts:
        raise Refusal("\n".join(dict.fromkeys(texts)))


def _way_out(guard: Guard) -> str:
    return f"if it is meant, write 'disks: {{allow: [{guard.value}]}}' at the stage in towline.yaml"
