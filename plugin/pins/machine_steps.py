"""Machines move in all of their files or in none: half an upgrade would be another version skew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from plugin.artifact import MachineVersion, Wanted
from plugin.pins.edit import chosen, refusals
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


def halved(
    sources: Sources, stuck: Iterable[str], wanted: Sequence[Wanted], names: Names
) -> Mapping[Wanted, Refused]:
    """The machines with a place in a file that stays for another reason, and that place."""
    found: dict[Wanted, Refused] = {}
    machines = [one for one in wanted if isinstance(one, MachineVersion)]
    for file in sorted(stuck) if machines else ():
        for pin in resolved(sources.found(file), names).pins:
            one = chosen(pin, machines, names)
            if one is not None and pin.tag != one.tag:
                reason = f"{one.subject} stays everywhere, for this file is not bumped"
                found.setdefault(one, Refused(file, pin.line, pin.column, reason, pin.value))
    return found
