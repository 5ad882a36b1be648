"""A mapping's fields with those that its merge keys bring."""

from __future__ import annotations

from collections.abc import Mapping as Fields

from plugin.pins import nodes
from plugin.pins.nodes import Alias, Mapping, Node, Scalar
from plugin.pins.reading import scalar_of

_MERGE = "<<"


def fields_of(node: Mapping, known: dict[int, Fields[str, Node]]) -> Fields[str, Node]:
    """A mapping's own fields, and those of its merge keys that it does not have.

    Of several sources the first wins (https://yaml.org/type/merge.html). `known` keeps the answers
    by where a mapping starts, for a file may merge one a thousand times.
    """
    if node.start not in known:
        fields = {key.value: value for key, value in node.pairs if type(key) is Scalar}
        plain = _MERGE not in fields and len(fields) == len(node.pairs)
        known[node.start] = fields if plain else _with_merged(node, known)
    return known[node.start]


def _with_merged(node: Mapping, known: dict[int, Fields[str, Node]]) -> Fields[str, Node]:
    fields: dict[str, Node] = {}
    for source in reversed(_merged(node)):
        fields |= fields_of(source, known)
    own = ((scalar_of(key), value) for key, value in node.pairs)
    return fields | {key.value: value for key, value in own if key and not _is_merge(key)}


def _merged(node: Mapping) -> tuple[Mapping, ...]:
    source = next((value for key, value in node.named() if _is_merge(key)), None)
    target = source.target if isinstance(source, Alias) else source
    several = target.items if isinstance(target, nodes.Sequence) else (target,)
    targets = (one.target if isinstance(one, Alias) else one for one in several)
    return tuple(one for one in targets if isinstance(one, Mapping))


def _is_merge(key: Scalar) -> bool:
    return key.value == _MERGE and not key.style
