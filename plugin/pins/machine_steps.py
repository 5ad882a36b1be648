"""Machines move in all of their files or in none: half an upgrade would be another version skew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plugin.artifact import MachineVersion, Wanted
from plugin.pins.edit import refusals
from plugin.pins.find import concerns
from plugin.pins.naming import Names, resolved
from plugin.pins.nodes import Refused
from plugin.pins.sources import Sources


def together(
    sources: Sources, wanted: Sequence[Wanted], names: Names
) -> tuple[tuple[Wanted, ...], tuple[Refused, ...]]:
    """The wanted versions without those of machines that stand still, and what stops these."""
    left: list[Wanted] = []
    stopped: list[Refused] = []
    for one in wanted:
        reasons = tuple(_stops(sources, one, names)) if isinstance(one, MachineVersion) else ()
        stopped += reasons
        if not reasons:
            left.append(one)
    return tuple(left), tuple(stopped)


def _stops(sources: Sources, wanted: MachineVersion, names: Names) -> Iterator[Refused]:
    for file in sources.mentioning((wanted.subject,)):
        tree = sources.tree(file)
        if not isinstance(tree, Refused):
            yield from refusals(tree, resolved(sources.found(file), names), (wanted,), names)
        elif concerns(tree, sources.texts[file], wanted.subject):
            yield tree
