"""OpenAPI schemas as JSON Schema 2020-12 that also refuses what GitHub does not describe.

GitHub's descriptions leave objects open, so a plain validator accepts invented fields; here every
object that lists its properties is closed. An object is closed where it is *used* (a body, a
property, an item), not where it is defined, because `allOf` adds definitions up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

Schema = Mapping[str, Any]
_REF = "#/components/schemas/"
_DEFS = "#/$defs/"
_KEPT = frozenset(
    {"type", "const", "required", "pattern", "minLength", "maxLength", "minItems"}
    | {"maxItems", "minimum", "maximum", "uniqueItems"}
)
# `email` is left out: GitHub's own addresses of bots (`1+x[bot]@users...`) are none by the RFC.
_FORMATS = frozenset({"uri", "uri-template", "date-time", "date"})
# What one description of GitHub's knows and another of the same thing does not (yet): the kind of
# an account's page, and two fields of an App where it is written out within a webhook.
_KNOWN_ELSEWHERE: Schema = {
    name: {"type": "string"} for name in ("user_view_type", "merge_queues", "client_id")
}
_MAYBE_EMPTY = frozenset({"target_url", "log_url", "environment_url"})
_LATER_VALUES = {"registry_package": "package"}
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
        return _lines(list(validator.iter_errors(value)))

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
            known = converted.get("properties", {})
            converted["properties"] = {**_KNOWN_ELSEWHERE, **known}
            converted["unevaluatedProperties"] = False
        return converted

    def _convert(self, schema: Schema) -> dict[str, Any]:
        if "$ref" in schema:
            return {"$ref": _DEFS + schema["$ref"].removeprefix(_REF)}
        converted = {**_scalar(schema), **dict(self._composite(schema))}
        return {"anyOf": [converted, {"type": "null"}]} if schema.get("nullable") else converted

    def _composite(self, schema: Schema) -> Iterator[tuple[str, Any]]:
        for key, union in _UNIONS.items():
            if key in schema:
                yield union, [self._convert(each) for each in schema[key]]
        if "properties" in schema:
            properties = schema["properties"].items()
            yield "properties", {name: self._used(_open(name, each)) for name, each in properties}
        if "items" in schema:
            yield "items", self._used(schema["items"])
        if "additionalProperties" in schema:
            extra = schema["additionalProperties"]
            yield "additionalProperties", self._used(extra) if isinstance(extra, Mapping) else extra

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


def _scalar(schema: Schema) -> dict[str, Any]:
    kept = {key: schema[key] for key in _KEPT & schema.keys()}
    if schema.get("format") in _FORMATS:
        kept["format"] = schema["format"]
    if "enum" in schema:
        kept["enum"] = _values(schema["enum"], nullable=schema.get("nullable", False))
    return kept


def _open(name: str, schema: Schema) -> Schema:
    """Without its format where GitHub sends "" for "no address"; some descriptions say so."""
    return {**schema, "format": None} if name in _MAYBE_EMPTY else schema


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


def _values(values: list[Any], *, nullable: bool) -> list[Any]:
    later = [new for old, new in _LATER_VALUES.items() if old in values and new not in values]
    return [*values, *later, *([None] if nullable and None not in values else [])]


_EXTRAS = (
    jsonschema_rs.ValidationErrorKind.UnevaluatedProperties,
    jsonschema_rs.ValidationErrorKind.AdditionalProperties,
)


@dataclass(frozen=True, slots=True)
class _Fault:
    place: tuple[str | int, ...]
    text: str
    is_extra: bool


def _lines(errors: list[jsonschema_rs.ValidationError]) -> list[str]:
    """A line for each cause; what only follows from a cause further down is left out."""
    faults = [fault for error in errors for fault in _causes(error)]
    causes = [fault.place for fault in faults if not fault.is_extra]
    real = [
        fault
        for fault in faults
        if not (
            fault.is_extra and any(place[: len(fault.place)] == fault.place for place in causes)
        )
    ]
    return list(dict.fromkeys(_line(fault) for fault in real))


def _causes(error: jsonschema_rs.ValidationError) -> list[_Fault]:
    """The error itself, or those of the branch of a union that fits best."""
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        branches = [[one for sub in branch for one in _causes(sub)] for branch in kind.context]
        return min(branches, key=_distance)
    is_extra = isinstance(kind, _EXTRAS)
    return [_Fault(tuple(error.instance_path), error.message, is_extra)]


def _distance(branch: list[_Fault]) -> tuple[bool, bool, int]:
    wrong_type = any(" is not of type " in fault.text for fault in branch)
    return wrong_type, any(fault.is_extra for fault in branch), len(branch)


def _line(fault: _Fault) -> str:
    place = "/".join(str(part) for part in fault.place) or "(whole)"
    text = fault.text if len(fault.text) <= 300 else f"...{fault.text[-300:]}"
    return f"{place}: {text}"
