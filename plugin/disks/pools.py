"""Pools of machines: what a change of their templates does to the machines there are."""

from __future__ import annotations

from plugin.disks.policy import POLICY, DiskPolicy, Policy
from plugin.pins.kubevirt_objects import below
from plugin.pins.nodes import Mapping
from plugin.pins.reading import word

_STRATEGY = "updateStrategy"


def pool_problem(pool: Mapping, policy: Policy) -> str | None:
    """Why a change of templates in a pool would be too much, or None.

    Since v1.6 it deletes the pool's machines with their disks, all at once unless the pool says
    otherwise (https://github.com/kubevirt/kubevirt/pull/14183).
    """
    if policy.disk is not DiskPolicy.REPLACE:
        return (
            "would delete the pool's machines with all their disks; if nothing there matters, "
            f"annotate the pool with '{POLICY}: replace'"
        )
    if _by_itself(pool) and not _some_stay(pool):
        return (
            "would delete all of the pool's machines at once; set maxUnavailable so that one of "
            "them stays, or the opportunistic update strategy"
        )
    return None


def pool_note(pool: Mapping) -> str:
    """What becomes of the pool's machines."""
    if _by_itself(pool):
        return "the pool deletes its machines and makes new ones, a few at a time"
    return "the pool leaves its machines as they are; those it makes from now on take the disk"


def _by_itself(pool: Mapping) -> bool:
    """Whether the pool acts on a change: the opportunistic and the unmanaged strategy do not."""
    strategy = below(pool, _STRATEGY)
    return strategy.get("opportunistic") is None and strategy.get("unmanaged") is None


def _some_stay(pool: Mapping) -> bool:
    """A share is rounded up, so that half of one machine is the machine."""
    limit, said = word(pool.get("maxUnavailable")), word(pool.get("replicas"))
    replicas = int(said) if _number(said) else 1
    if limit.endswith("%"):
        return _number(limit[:-1]) and -(-replicas * int(limit[:-1]) // 100) < replicas
    return _number(limit) and int(limit) < replicas


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
