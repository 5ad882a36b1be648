"""Groups of repository and version become pins; those that share an anchor become one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from plugin.pins import nodes
from plugin.pins.image_groups import Group
from plugin.pins.nodes import Alias, Mapping, Refused, Scalar, Tree
from plugin.pins.pin import Kind, Pin
from plugin.pins.reading import is_null, raw, scalar_of


def pins_of(tree: Tree, groups: Sequence[Group], kind: Kind) -> Iterator[Pin | Refused]:
    """The pins of all groups that a finder has seen in `tree`, so that it sees what they share."""
    used = _aliases(tree) if groups and tree.aliases else {}
    for together in _together(groups):
        yield from _pin(tree, together, used, kind)


def _aliases(tree: Tree) -> dict[int, set[tuple[int, int]]]:
    """Where aliases of scalars stand, by the number of the scalar."""
    found: dict[int, set[tuple[int, int]]] = {}
    waiting = list(tree.documents)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Alias) and isinstance(node.target, Scalar):
            found.setdefault(node.target.event, set()).add((node.line, node.column))
        elif isinstance(node, nodes.Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += (one for pair in node.pairs for one in pair)
    return found


def _together(groups: Iterable[Group]) -> Iterator[Sequence[Group]]:
    """The groups that share a scalar, through aliases or merge keys: they move as one."""
    of: dict[int, list[Group]] = {}
    for group in groups:
        joined = [group]
        for event in _events(group):
            others = of.get(event, joined)
            if others is not joined:
                small, joined = sorted((joined, others), key=len)
                joined += small
                of |= {one: joined for member in small for one in _events(member)}
        of |= dict.fromkeys(_events(group), joined)
    yield from {id(one): one for one in of.values()}.values()


def _events(group: Group) -> Iterator[int]:
    return (scalar.event for scalar in _scalars(group))


def _scalars(group: Group) -> Iterator[Scalar]:
    return (one for node, _ in group.parts if (one := scalar_of(node)) is not None)


def _pin(
    tree: Tree, groups: Sequence[Group], used: dict[int, set[tuple[int, int]]], kind: Kind
) -> Iterator[Pin | Refused]:
    problem = _shared(groups, used)
    if problem is None:
        yield _joined(tree, groups, kind)
        return
    for group in groups:
        node = next(node for node, _ in group.parts)
        yield group.place.refused(node, problem, group.repository)


def _shared(groups: Sequence[Group], used: dict[int, set[tuple[int, int]]]) -> str | None:
    """Why an anchor's scalar cannot be bumped for all that it serves, or None."""
    nodes_of = [node for group in groups for node, _ in group.parts]
    seen = {(one.line, one.column) for one in nodes_of}
    own = {one.event for one in nodes_of if isinstance(one, Scalar)}
    events = {one.event for group in groups for one in _scalars(group)}
    if len({group.repository for group in groups}) > 1:
        return "is used for several repositories through an alias; write each version out"
    if len({part for group in groups for _, part in group.parts}) > len(events):
        return "is used in several ways through an alias; write each version out"
    if not events <= own:
        return "is an alias of something else than a version; write the version here"
    if any(not used.get(event, set()) <= seen for event in events):
        return "is used elsewhere through an alias; write the other places out"
    return None


def _joined(tree: Tree, groups: Sequence[Group], kind: Kind) -> Pin:
    first = groups[0]
    parts = tuple(dict.fromkeys(part for group in groups for _, part in group.parts))
    scalars = [scalar for group in groups for scalar in _scalars(group)]
    at = next((one for one in scalars if one.value and not is_null(one)), scalars[0])
    return Pin(
        first.place.file,
        at.line,
        at.column,
        kind,
        first.repository,
        first.tag,
        first.digest,
        raw(tree, at),
        parts,
        spelling=first.spelling,
    )
