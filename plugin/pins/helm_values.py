"""Pins in Helm values, wherever values stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Fields
from dataclasses import dataclass, field

from plugin.pins import nodes
from plugin.pins.argocd_parameters import parameters_in
from plugin.pins.group_pins import pins_of
from plugin.pins.image_groups import Group, Place, versions_in
from plugin.pins.merge_keys import fields_of
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Tree
from plugin.pins.pin import Kind, Pin
from plugin.pins.reading import mapping, raw, text_of
from plugin.pins.tree import MAX_TEXTS, read, too_many
from plugin.pins.values_places import global_registry, texts_in, values_in

# What every text that holds an image says somewhere.
WORD = "image"
# A file without these has no texts of values.
_TEXTS = ("argoproj.io/", "HelmChart", "ConfigMap", "Secret")
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
    texts: list[tuple[Scalar, bool]] = []
    for root in values_in(file, tree):
        walk = _Walk(file, tree, root)
        for one in walk.versions():
            if isinstance(one, Group):
                groups.append(one)
            else:
                yield one
        texts += [(text, False) for text in walk.texts]
    yield from pins_of(tree, groups, Kind.HELM_VALUES)
    if any(map(tree.text.__contains__, _TEXTS)):
        texts += [(text, True) for text in texts_in(tree) if _names_image(text)]
    yield from _of_texts(file, tree, texts)
    if "parameters" in tree.text:
        yield from parameters_in(file, tree)


def _of_texts(file: str, tree: Tree, texts: list[tuple[Scalar, bool]]) -> Iterator[Refused]:
    if len(texts) > MAX_TEXTS:
        yield too_many(file)
        return
    for text, always in texts:
        yield from _of_text(file, tree, text, always=always)


@dataclass(slots=True)
class _Walk:
    """One pass over the mappings of some values; each is visited once, where it stands."""

    file: str
    tree: Tree
    root: Mapping
    texts: list[Scalar] = field(default_factory=list)
    _visited: set[int] = field(default_factory=set)
    _fields: dict[int, Fields[str, Node]] = field(default_factory=dict)

    def versions(self) -> Iterator[Group | Refused]:
        for place in self._places():
            yield from versions_in(place)

    def _places(self) -> Iterator[Place]:
        waiting: list[tuple[Node | None, Node, str]] = [(None, self.root, "")]
        while waiting:
            key, node, registry = waiting.pop()
            if isinstance(node, Alias) and self._is_outside(node.target):
                node = node.target
            if isinstance(node, nodes.Sequence):
                waiting += [(None, item, registry) for item in reversed(node.items)]
            elif isinstance(node, Scalar):
                if "\n" in node.value and WORD in node.value:
                    self.texts.append(node)
            elif isinstance(node, Mapping) and node.start not in self._visited:
                self._visited.add(node.start)
                registry = global_registry(node) or registry
                fields = fields_of(node, self._fields)
                yield Place(self.file, self.tree, text_of(key), fields, registry)
                pairs = filter(_may_hold, reversed(node.pairs))
                waiting += [(name, value, registry) for name, value in pairs]

    def _is_outside(self, node: Node) -> bool:
        """Whether an anchor is not in the values themselves, where the walk meets it anyway."""
        if not isinstance(node, Mapping | nodes.Sequence):
            return False
        return not self.root.start <= node.start < self.root.end


def _may_hold(pair: tuple[Node, Node]) -> bool:
    """Whether a pair's value is more than one of the many scalars that hold no text of values."""
    return type(pair[1]) is not Scalar or WORD in pair[1].value


def _names_image(text: Scalar) -> bool:
    return any(one in text.value for one in (WORD, "Image", "IMAGE", "repository"))


def _of_text(file: str, tree: Tree, text: Scalar, *, always: bool) -> Iterator[Refused]:
    """The images of a text; one that must hold values is refused as a whole if it is no YAML."""
    inner = read(file, text.value)
    if not isinstance(inner, Refused):
        yield from _in_text(file, tree, text, inner)
    elif always and WORD in text.value:
        yield _unread(file, text, inner)


def _unread(file: str, text: Scalar, inner: Refused) -> Refused:
    """Values in a text that is no YAML may hold any image that its lines name."""
    reason = f"holds values in a text that {inner.reason}; write them as an object"
    names = dict.fromkeys(found["said"] for found in _NAME.finditer(text.value))
    return Refused(file, text.line, text.column, reason, "/".join(names) or "?")


def _in_text(file: str, tree: Tree, text: Scalar, inner: Tree) -> Iterator[Refused]:
    """The images that a text names, each where it stands if the text shows that."""
    found = [
        one
        for document in inner.documents
        for one in _Walk(file, inner, mapping(document)).versions()
    ]
    reason = "is in a text, where nothing is bumped; write it outside, as YAML"
    if text.style == "|":
        lines = raw(tree, text).splitlines(), text.value.splitlines()
        for one in found:
            line, column = _place_in(text, *lines, one)
            subject = one.repository if isinstance(one, Group) else one.subject
            yield Refused(file, line, column, f"'{_named(one)}' {reason}", _named(one), subject)
    elif found:
        # One place can be refused once, so it is refused for all that it names.
        names = ":".join(map(_named, found))
        yield Refused(file, text.line, text.column, f"'{names}' {reason}", names)


def _named(one: Group | Refused) -> str:
    return str(one.repository) if isinstance(one, Group) else str(one.subject or one.text)


def _place_in(
    text: Scalar, outer: list[str], inner: list[str], one: Group | Refused
) -> tuple[int, int]:
    """Where something in a literal block stands in the file around it, by the lines of both."""
    at = one.parts[0][0] if isinstance(one, Group) else one
    indentation = len(outer[at.line]) - len(inner[at.line - 1])
    return text.line + at.line, at.column + indentation
