"""OpenAPI schemas as JSON Schema 2020-12 that also refuses what GitHub does not describe.

GitHub's descriptions leave objects open, so a plain validator accepts invented fields; here every
object that lists its properties is closed. An object is closed where it is *used* (a body, a
property, an item), not where it is defined, because `allOf` adds definitions up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

Schema = Mapping[str, Any]
_REF = "#/components/schemas/"
_DEFS = "#/$defs/"
_KEPT = frozenset(
    {"type", "enum", "const", "required", "format", "pattern", "minLength", "maxLength", "minItems"}
    | {"maxItems", "minimum", "maximum", "uniqueItems"}
)
_UNIONS = {"oneOf": "anyOf", "anyOf": "anyOf", "allOf": "allOf"}


class Schemas:
    """Validators for the schemas of one description; each is built once, when first asked for."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self._components = components
        self._converted: dict[str, Schema] = {}
        self._validators: dict[int, tuple[Schema, jsonschema_rs.Validator]] = {}

    def faults(self, schema: Schema, value: object) -> list[str]:
        """What of `value` the schema does not allow, each with its place; [] when it is valid."""
        if id(schema) not in self._validators:
            self._validators[id(schema)] = (schema, self._validator(schema))
        _, validator = self._validators[id(schema)]
        return [line for error in validator.iter_errors(value) for line in _lines(error)]

    def _validator(self, schema: Schema) -> jsonschema_rs.Validator:
        root = self._used(schema)
        definitions: dict[str, Schema] = {}
        waiting = list(_references(root))
        while waiting:
            name = waiting.pop()
            if name not in definitions:
                definitions[name] = self._definition(name)
                waiting.extend(_references(definitions[name]))
        document = {"$defs": definitions, "allOf": [root]}
        return jsonschema_rs.Draft202012Validator(document, validate_formats=True)

    def _definition(self, name: str) -> Schema:
        if name not in self._converted:
            self._converted[name] = self._convert(self._components[name])
        return self._converted[name]

    def _used(self, schema: Schema) -> dict[str, Any]:
        """The converted schema for a place where a value stands: closed if it lists properties."""
        converted = self._convert(schema)
        listed, free = self._shape(schema)
        if listed and not free:
            converted["unevaluatedProperties"] = False
        return converted

    def _convert(self, schema: Schema) -> dict[str, Any]:
        if "$ref" in schema:
            return {"$ref": _DEFS + schema["$ref"].removeprefix(_REF)}
        converted: dict[str, Any] = {key: schema[key] for key in _KEPT & schema.keys()}
        for key, union in _UNIONS.items():
            if key in schema:
                converted[union] = [self._convert(each) for each in schema[key]]
        if "properties" in schema:
            properties = schema["properties"].items()
            converted["properties"] = {name: self._used(each) for name, each in properties}
        if "items" in schema:
            converted["items"] = self._used(schema["items"])
        if "additionalProperties" in schema:
            extra = schema["additionalProperties"]
            converted["additionalProperties"] = (
                extra if extra in (True, False) else self._used(extra)
            )
        return {"anyOf": [converted, {"type": "null"}]} if schema.get("nullable") else converted

    def _shape(self, schema: Schema, above: frozenset[str] = frozenset()) -> tuple[bool, bool]:
        """Whether the schema lists properties, and whether it lets others in on purpose."""
        name = schema.get("$ref")
        if name is not None:
            known = self._components[name.removeprefix(_REF)]
            return (False, False) if name in above else self._shape(known, above | {name})
        parts = [each for key in _UNIONS for each in schema.get(key, ())]
        shapes = [self._shape(part, above) for part in parts]
        listed = bool(schema.get("properties")) or any(lists for lists, _ in shapes)
        blank = schema.get("type") == "object" and not parts and "properties" not in schema
        free = schema.get("additionalProperties", False) is not False or blank
        return listed, free or any(lets_in for _, lets_in in shapes)


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(_DEFS)
            else:
                yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _lines(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    place = "/".join(str(part) for part in error.instance_path) or "(whole)"
    text = error.message if len(error.message) <= 300 else f"...{error.message[-300:]}"
    yield f"{place}: {text}"
