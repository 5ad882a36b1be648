"""The values of Secrets, which nobody shall see: only that one changes is told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from plugin.pins.nodes import Alias, Mapping, Node, Scalar, Tree
from plugin.pins.reading import mapping, sequence, text_of

HIDDEN = "(hidden)"
HIDDEN_CHANGED = "(hidden, changed)"
_VALUES = ("data", "stringData")
# What `kubectl apply` leaves: all that was applied, values included.
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is not shown: its slice of the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Concealed:
    """The values of a document that are not shown, by where they stand.

    `text` is the document. `whole` says that nothing of it can be shown: it may hold a Secret, and
    nobody can tell where its values are.
    """

    text: str
    values: Table[tuple[str, ...], Value] = field(default_factory=dict)
    whole: bool = False

    def differing(self, other: Concealed) -> frozenset[tuple[str, ...]]:
        """Where the values of two documents are not the same."""
        both = {*self.values, *other.values}
        return frozenset(one for one in both if self._value(one) != other._value(one))

    def shown(self, changed: AbstractSet[tuple[str, ...]] = frozenset()) -> str:
        """The text with its values hidden, those at `changed` marked."""
        parts, at = [], 0
        for way, value in sorted(self.values.items(), key=lambda one: one[1].start):
            mark = HIDDEN_CHANGED if way in changed else HIDDEN
            parts += [self.text[at : value.start], mark]
            at = value.end
            if self.text[value.start : at].endswith("\n"):
                parts.append("\n")
        return "".join([*parts, self.text[at:]])

    def _value(self, way: tuple[str, ...]) -> str | None:
        value = self.values.get(way)
        return None if value is None else self.text[value.start : value.end].rstrip()


def concealed(text: str, tree: Tree | None) -> Concealed:
    """What of a document is not to be shown; of one that nobody can read, all."""
    if tree is None:
        return Concealed(text, whole=True)
    values: dict[tuple[str, ...], Value] = {}
    for number, secret in enumerate(_secrets(tree)):
        if secret.get("<<") is not None:
            return Concealed(text, whole=True)
        for way, node in _hidden(secret):
            if not isinstance(node, Scalar):
                return Concealed(text, whole=True)
            if node.end > node.start:
                values[str(number), *way] = Value(node.start, node.end)
    return Concealed(tree.text, values)


def _secrets(tree: Tree) -> Iterator[Mapping]:
    """Every Secret, also in a list, and everything whose kind nobody can tell."""
    waiting: list[Node] = list(tree.documents)
    while waiting:
        node = waiting.pop()
        root = mapping(node.target if isinstance(node, Alias) else node)
        kind = text_of(root.get("kind"))
        if kind == "Secret" or (root.pairs and not kind):
            yield root
        if kind.endswith("List"):
            items = root.get("items")
            waiting += sequence(items.target if isinstance(items, Alias) else items).items


def _hidden(secret: Mapping) -> Iterator[tuple[tuple[str, ...], Node]]:
    for name in _VALUES:
        node = secret.get(name)
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                yield (name, text_of(key)), value
        elif isinstance(node, Alias):
            yield (name,), node
    annotations = mapping(mapping(secret.get("metadata")).get("annotations"))
    applied = annotations.get(_APPLIED)
    if applied is not None:
        yield ("annotations", _APPLIED), applied
