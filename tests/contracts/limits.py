"""The limits GitHub puts on a GraphQL document beyond its schema: page sizes and nodes asked for.

https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

PAGE = 100
NODES = 500_000
# Connections are recognised by what only they have; GitHub's own lists take no `first`.
_CONNECTION = frozenset({"nodes", "edges", "pageInfo", "totalCount"})


@dataclass(frozen=True, slots=True)
class _Reading:
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def fields(self, selections: SelectionSetNode | None) -> Iterator[FieldNode]:
        """The fields of a selection with its fragments opened."""
        for each in selections.selections if selections else ():
            if isinstance(each, FieldNode):
                yield each
            elif isinstance(each, InlineFragmentNode):
                yield from self.fields(each.selection_set)
            elif isinstance(each, FragmentSpreadNode):
                yield from self.fields(self.fragments[each.name.value].selection_set)

    def number(self, value: ValueNode) -> int | None:
        """An integer argument, written out or as a variable."""
        if isinstance(value, IntValueNode):
            return int(value.value)
        given = self.variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return given if isinstance(given, int) else None

    def page(self, field: FieldNode) -> int | None:
        """How many nodes a connection is asked for; None without `first` and `last`."""
        for argument in field.arguments or ():
            if argument.name.value in ("first", "last"):
                return self.number(argument.value)
        return None

    def faults(self, selections: SelectionSetNode | None) -> Iterator[str]:
        """A sentence for each connection without a page size from 1 to 100."""
        for field in self.fields(selections):
            below = {each.name.value for each in self.fields(field.selection_set)}
            if below & _CONNECTION and below <= _CONNECTION | {"__typename"}:
                size = self.page(field)
                if size is None and below & {"nodes", "edges"}:
                    yield f"`{field.name.value}` needs `first` or `last`"
                elif size is not None and not 1 <= size <= PAGE:
                    yield f"`{field.name.value}` asks for {size} of at most {PAGE}"
            yield from self.faults(field.selection_set)

    def nodes(self, selections: SelectionSetNode | None, times: int = 1) -> int:
        """How many nodes could come back: page sizes multiplied along each path, then summed."""
        total = 0
        for field in self.fields(selections):
            size = self.page(field)
            inner = times * size if size else times
            total += (inner if size else 0) + self.nodes(field.selection_set, inner)
        return total


def limit_faults(document: DocumentNode, variables: Mapping[str, Any]) -> list[str]:
    """What GitHub refuses about page sizes and the number of nodes; [] when nothing.

    The document must be valid: fragments are known and not circular.
    """
    definitions = document.definitions
    fragments = {
        each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)
    }
    reading = _Reading(fragments, variables)
    faults: list[str] = []
    for operation in definitions:
        if isinstance(operation, OperationDefinitionNode):
            faults += reading.faults(operation.selection_set)
            nodes = reading.nodes(operation.selection_set)
            if nodes > NODES:
                faults.append(f"the document asks for {nodes} nodes, GitHub allows {NODES}")
    return faults
