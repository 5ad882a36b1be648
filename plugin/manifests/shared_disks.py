"""Disks of printed manifests that more than one machine would write to, which destroys them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from plugin.disks.model import Name
from plugin.manifests.disk_objects import Made, Owner, Use

_NAMED = 5


def shared(made: Iterable[Made], uses: Iterable[Use]) -> Iterator[str]:
    """A sentence for each disk that several machines write to without being prepared for it.

    It is the name that counts: the disk itself may come from elsewhere.
    """
    disks = list(made)
    by_name: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        if use.writes:
            by_name[use.target.name].append(use)
    apart = _apart(
        [one.owner for one in disks] + [one.owner for some in by_name.values() for one in some]
    )
    known = {one.id: one for one in disks}
    for some in by_name.values():
        for writers in _together(some, apart):
            yield from _fault(writers, known)


def _apart(owners: Iterable[Owner]) -> frozenset[str]:
    """The namespaces that cannot be the one of objects that say none.

    An object of the same kind and name is in both, and they are two.
    """
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in owners:
        places[one.kind, one.id.name].add(one.id.namespace)
    return frozenset(place for some in places.values() if "" in some for place in some if place)


def _together(uses: Sequence[Use], apart: frozenset[str]) -> Iterator[list[Use]]:
    """The uses of one name by the namespace that they are in, or may be applied to."""
    spaces: dict[str, list[Use]] = defaultdict(list)
    for one in uses:
        spaces[one.target.namespace].append(one)
    anywhere = spaces.pop("", [])
    joined = [place for place in spaces if place not in apart]
    for place, some in spaces.items():
        yield [*anywhere, *some] if place in joined else some
    if anywhere and not joined:
        yield anywhere


def _fault(uses: Sequence[Use], known: dict[Name, Made]) -> Iterator[str]:
    """One that is not prepared for others is enough."""
    machines = {one.owner.machine: one.owner for one in uses}
    several = len(machines) > 1 or any(one.copies > 1 for one in machines.values())
    if not several or all(one.shares for one in uses):
        return
    yield (
        f"{_disk(uses, known)} is a disk of {_listed(list(machines.values()))}: machines that "
        "write to one disk destroy it; give each its own, in a pool by dataVolumeTemplates, or say "
        "'readonly' or 'shareable' at the disk where that is so"
    )


def _disk(uses: Sequence[Use], known: dict[Name, Made]) -> str:
    for one in uses:
        if one.target in known:
            return str(known[one.target])
    return f"{uses[0].kind} '{uses[0].target}'"


def _listed(machines: Sequence[Owner]) -> str:
    said = [_counted(one) for one in machines[:_NAMED]]
    more = len(machines) - len(said)
    return " and of ".join([*said, f"{more} more"] if more else said)


def _counted(machine: Owner) -> str:
    return f"each of {machine.copies} machines of {machine}" if machine.copies > 1 else str(machine)
