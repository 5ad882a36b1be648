"""GraphQL documents and their variables, held against GitHub's own schema and limits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)
from graphql.execution import get_variable_values

from tests.contracts.limits import limit_faults


class Documents:
    """What GitHub's GraphQL endpoint would say to a document before executing it."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._judged = lru_cache(maxsize=1024)(self._judge)

    @classmethod
    def read(cls, path: Path) -> Documents:
        """The schema in the file that `tests.contracts.fetch` put at `path` (takes a second)."""
        return cls(build_schema(path.read_text(), assume_valid=True))

    def faults(self, text: str, variables: Mapping[str, Any] | None = None) -> list[str]:
        """Everything GitHub would refuse in a document with its variables; [] when nothing."""
        document, faults = self._judged(text)
        if document is None or faults:
            return [f"document: {fault}" for fault in faults]
        given = dict(variables or {})
        found = limit_faults(document, given)
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                found += self._variable_faults(definition, given)
        return [f"document: {fault}" for fault in found]

    def _judge(self, text: str) -> tuple[DocumentNode | None, tuple[str, ...]]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return None, (str(error),)
        return document, tuple(str(error) for error in validate(self.schema, document))

    def _variable_faults(
        self, operation: OperationDefinitionNode, variables: dict[str, Any]
    ) -> list[str]:
        definitions = operation.variable_definitions or ()
        values = get_variable_values(self.schema, definitions, variables)
        errors = [error.message for error in values] if isinstance(values, list) else []
        declared = {each.variable.name.value for each in definitions}
        strange = sorted(variables.keys() - declared)
        return [*errors, *(f"variable '${name}' is not declared" for name in strange)]
