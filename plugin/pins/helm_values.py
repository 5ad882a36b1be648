"""Pins in Helm values, wherever values stand; anchors that serve several places are seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from plugin.pins import nodes
from plugin.pins.argocd_parameters import parameters_in
from plugin.pins.image_groups import Group, Place, scalar_of, text_of, versions_in
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Tree
from plugin.pins.pin import Kind, Pin
from plugin.pins.reading import is_null, mapping, raw
from plugin.pins.tree import read
from plugin.pins.values_places import global_registry, texts_in, values_in

# What every text that holds an image says somewhere.
WORD = "image"
_MERGE = "<<"
# What a line of a text names as an image or its repository, for texts that are no YAML.
_NAME = re.compile(
    r"""(?:\w*[iI]mage|\w*[rR]epository|repo|name)["']?[ \t]*:[ \t]*["']?(?P<said>[^\s"',}\]]+)"""
)


def find(file: str, tree: Tree) -> Iterator[Pin | Refused]:
    """The images in a file's Helm values, of the shapes that `versions_in` knows.

    Values in a text inside the file are never edited; the images they name are refused. So is
    a file's bump when parameters overrule its values.
    """
    groups: list[Group] = []
    for root in values_in(file, tree):
        walk = _Walk(file, tree, root)
        for one in walk.versions():
            if isinstance(one, Group):
                groups.append(one)
            else:
                yield one
        for text in walk.texts:
            yield from _in_text(file, tree, text)
    used = _aliases(tree) if groups and tree.aliases else {}
    for together in _together(groups):
        yield from _pin(tree, together, used)
    for text in texts_in(tree):
        yield from _unread(file, text)
        yield from _in_text(file, tree, text)
    yield from parameters_in(file, tree)


@dataclass(slots=True)
class _Walk:
    """One pass over the mappings of some values; each is visited once, where it stands."""

    file: str
    tree: Tree
    root: Mapping
    texts: list[Scalar] = field(default_factory=list)
    _visited: set[int] = field(default_factory=set)
    _fields: dict[int, dict[str, Node]] = field(default_factory=dict)

    def versions(self) -> Iterator[Group | Refused]:
        for place in self._places("", self.root, ""):
            yield from versions_in(place)

    def _places(self, key: str, node: Node, registry: str) -> Iterator[Place]:
        if isinstance(node, Alias) and self._is_outside(node.target):
            node = node.target
        if isinstance(node, nodes.Sequence):
            for item in node.items:
                yield from self._places("", item, registry)
        elif isinstance(node, Scalar):
            if "\n" in node.value and WORD in node.value:
                self.texts.append(node)
        elif isinstance(node, Mapping) and node.start not in self._visited:
            self._visited.add(node.start)
            registry = global_registry(node) or registry
            yield Place(self.file, self.tree, key, self._fields_of(node), registry)
            for name, value in filter(_may_hold, node.pairs):
                yield from self._places(text_of(name), value, registry)

    def _is_outside(self, node: Node) -> bool:
        """Whether an anchor is not in the values themselves, where the walk meets it anyway."""
        if not isinstance(node, Mapping | nodes.Sequence):
            return False
        return not self.root.start <= node.start < self.root.end

    def _fields_of(self, node: Mapping) -> dict[str, Node]:
        """A mapping's own fields, and those of its merge keys that it does not have.

        Of several sources the first wins (https://yaml.org/type/merge.html).
        """
        if node.start not in self._fields:
            fields: dict[str, Node] = {}
            for source in reversed(_merged(node)):
                fields |= self._fields_of(source)
            own = ((scalar_of(key), value) for key, value in node.pairs)
            fields |= {key.value: value for key, value in own if key and not _is_merge(key)}
            self._fields[node.start] = fields
        return self._fields[node.start]


def _may_hold(pair: tuple[Node, Node]) -> bool:
    """Whether a pair's value is more than one of the many scalars that hold no text of values."""
    return type(pair[1]) is not Scalar or WORD in pair[1].value


def _merged(node: Mapping) -> tuple[Mapping, ...]:
    source = next((value for key, value in node.named() if _is_merge(key)), None)
    target = source.target if isinstance(source, Alias) else source
    several = target.items if isinstance(target, nodes.Sequence) else (target,)
    targets = (one.target if isinstance(one, Alias) else one for one in several)
    return tuple(one for one in targets if isinstance(one, Mapping))


def _is_merge(key: Scalar) -> bool:
    return key.value == _MERGE and not key.style


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
    tree: Tree, groups: Sequence[Group], used: dict[int, set[tuple[int, int]]]
) -> Iterator[Pin | Refused]:
    problem = _shared(groups, used)
    if problem is None:
        yield _joined(tree, groups)
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


def _joined(tree: Tree, groups: Sequence[Group]) -> Pin:
    first = groups[0]
    parts = tuple(dict.fromkeys(part for group in groups for _, part in group.parts))
    scalars = [scalar for group in groups for scalar in _scalars(group)]
    at = next((one for one in scalars if one.value and not is_null(one)), scalars[0])
    return Pin(
        first.place.file,
        at.line,
        at.column,
        Kind.HELM_VALUES,
        first.repository,
        first.tag,
        first.digest,
        raw(tree, at),
        parts,
        spelling=first.spelling,
    )


def _unread(file: str, text: Scalar) -> Iterator[Refused]:
    """Values in a text that is no YAML may hold any image that its lines name."""
    inner = read(file, text.value)
    if isinstance(inner, Refused) and WORD in text.value:
        reason = f"holds values in a text that {inner.reason}; write them as an object"
        names = dict.fromkeys(found["said"] for found in _NAME.finditer(text.value))
        yield Refused(file, text.line, text.column, reason, "/".join(names) or "?")


def _in_text(file: str, tree: Tree, text: Scalar) -> Iterator[Refused]:
    """The images that a text names, each where it stands if the text shows that."""
    inner = read(file, text.value)
    if isinstance(inner, Refused):
        return
    found = [
        one
        for document in inner.documents
        for one in _Walk(file, inner, mapping(document)).versions()
    ]
    reason = "is in a text, where nothing is bumped; write it outside, as YAML"
    if text.style == "|":
        for one in found:
            line, column = _place_in(tree, text, one)
            subject = one.repository if isinstance(one, Group) else one.subject
            yield Refused(file, line, column, f"'{_named(one)}' {reason}", _named(one), subject)
    elif found:
        # One place can be refused once, so it is refused for all that it names.
        names = ":".join(map(_named, found))
        yield Refused(file, text.line, text.column, f"'{names}' {reason}", names)


def _named(one: Group | Refused) -> str:
    return str(one.repository) if isinstance(one, Group) else str(one.subject or one.text)


def _place_in(tree: Tree, text: Scalar, one: Group | Refused) -> tuple[int, int]:
    """Where something in a literal block stands in the file around it."""
    at = one.parts[0][0] if isinstance(one, Group) else one
    outer, inner = raw(tree, text).splitlines(), text.value.splitlines()
    indentation = len(outer[at.line]) - len(inner[at.line - 1])
    return text.line + at.line, at.column + indentation
