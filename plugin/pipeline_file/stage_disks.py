"""The `disks` of a stage: what happens to the disks of its virtual machines."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.pipeline_file.fields import Reader, distinct, listed, mapping
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import boolean, choice, whole_number
from plugin.pipeline_file.vocabulary import opened
from plugin.stage_policy import Guard

_allow: Reader[tuple[Guard, ...]] = distinct(
    listed("guards over disks", "[shared]", choice(Guard)),
)


@dataclass(frozen=True, slots=True)
class Disks:
    """How many previous disks stay in Git, at least the one a running machine uses."""

    kept: int = 1
    allow: frozenset[Guard] = frozenset()


def stage_disks(node: Node, mistakes: Mistakes) -> Disks | None:
    """How many previous disks are kept, and which guards of the sidecar are left out."""
    whole = mapping(node, mistakes, "what happens to disks", "{keep: 1}")
    if whole is None:
        return None
    fields = opened("disks", whole, mistakes)
    fields.read("snapshotFirst", boolean)
    return Disks(
        fields.read_or("keep", whole_number(1, 100), 1),
        frozenset(fields.read("allow", _allow) or ()),
    )
