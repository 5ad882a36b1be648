"""A structural schema of a CRD as JSON Schema, and a validator that judges as the API server does.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema

Schema = Mapping[str, Any]

PRESERVE = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_KEYS = "x-kubernetes-list-map-keys"
_LIST = "x-kubernetes-list-type"
_CEL = "x-kubernetes-validations"
_CLOSED = "closed"
_SAME = frozenset(
    {"enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", _KEYS, _LIST}
    | {_CEL, "uniqueItems", "propertyNames"}
)
_TRANSLATED = frozenset(
    {"type", "nullable", "format", "pattern", "required", "properties", "items"}
    | {"additionalProperties", "allOf", "anyOf", "oneOf", "not", PRESERVE, _INT_OR_STRING}
)
_WITHOUT_EFFECT = frozenset({"default", "x-kubernetes-map-type"})
_TIME = r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$"


class Judge:
    """What one structural schema says of one object after another."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._validator = _VALIDATOR(_json_schema(schema), format_checker=_FORMATS)

    def mistakes(self, manifest: Mapping[str, object]) -> list[str]:
        """What of the object the schema does not allow, each as `field: why`; [] if nothing."""
        errors = self._validator.iter_errors(_without_nulls(manifest, self._schema))
        return sorted(_line(error) for error in errors)


def _json_schema(schema: Schema, *, closed: bool = True) -> dict[str, Any]:
    """The same rules as JSON Schema; parts of a union judge values and never close an object."""
    strange = schema.keys() - _SAME - _TRANSLATED - _WITHOUT_EFFECT
    if strange:
        raise ValueError(f"no translation for {sorted(strange)}")
    made = {key: schema[key] for key in _SAME & schema.keys()}
    made |= dict(_scalar(schema)) | dict(_children(schema, closed=closed))
    if closed and schema.get("type") == "object" and "additionalProperties" not in schema:
        made |= {} if schema.get(PRESERVE) else {_CLOSED: list(schema.get("properties", ()))}
    return made


def _scalar(schema: Schema) -> Iterator[tuple[str, Any]]:
    if schema.get(_INT_OR_STRING):
        yield "type", ["integer", "string"]
    elif "type" in schema:
        yield "type", [schema["type"], "null"] if schema.get("nullable") else schema["type"]
    if "enum" in schema and schema.get("nullable"):
        yield "enum", [*schema["enum"], None]
    if "pattern" in schema:
        yield "pattern", _as_go_reads_it(schema["pattern"])
    if schema.get("format") == "date-time":
        yield "format", "date-time"


def _as_go_reads_it(pattern: str) -> str:
    """The pattern for Python: to Go `$` is the very end, and digits are ASCII."""
    ends = pattern.endswith("$") and not pattern.endswith(r"\$")
    return "(?a)" + (pattern[:-1] + r"\Z" if ends else pattern)


def _children(schema: Schema, *, closed: bool) -> Iterator[tuple[str, Any]]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if properties:
        yield "properties", {k: _json_schema(v, closed=closed) for k, v in properties.items()}
    if "required" in schema:
        given = {name for name, each in properties.items() if "default" in each}
        yield "required", [name for name in schema["required"] if name not in given]
    if "items" in schema:
        yield "items", _json_schema(schema["items"], closed=closed)
    extra = schema.get("additionalProperties")
    if extra is not None:
        yield "additionalProperties", extra if extra is True else _json_schema(extra, closed=closed)
    if "not" in schema:
        yield "not", _json_schema(schema["not"], closed=False)
    for union in {"allOf", "anyOf", "oneOf"} & schema.keys():
        if not (union == "anyOf" and schema.get(_INT_OR_STRING)):
            yield union, [_json_schema(each, closed=False) for each in schema[union]]


def _without_nulls(value: Any, schema: Schema) -> Any:
    """A copy without the nulls of fields that may not be null: absent, to the API server."""
    if isinstance(value, Mapping):
        fields = ((key, each, _field(schema, key)) for key, each in value.items())
        return {
            key: _without_nulls(each, field or {})
            for key, each, field in fields
            if each is not None or field is None or field.get("nullable")
        }
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_without_nulls(each, schema.get("items", {})) for each in value]
    return value


def _field(schema: Schema, name: str) -> Schema | None:
    """The schema of a field; None for one that no schema names, which is a mistake even as null."""
    found = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
    return found if isinstance(found, Mapping) else None


_Errors = Iterator[jsonschema.ValidationError]


def _unknown(_: object, names: list[str], value: object, __: object) -> _Errors:
    if isinstance(value, Mapping):
        for name in value.keys() - set(names):
            yield jsonschema.ValidationError(f"unknown field {name!r}")


def _repeated(_: object, sort: str, value: object, schema: Schema) -> _Errors:
    if sort == "atomic" or not isinstance(value, list):
        return
    keys = schema.get(_KEYS, ()) if sort == "map" else None
    seen: list[object] = []
    for one in value:
        mark = one if keys is None else _marks(one, keys)
        if mark in seen:
            yield jsonschema.ValidationError(f"{mark!r} stands there twice")
        seen.append(mark)


def _marks(one: object, keys: Sequence[str]) -> object:
    return {key: one.get(key) for key in keys} if isinstance(one, Mapping) else one


def _unjudged(_: object, rules: list[Schema], __: object, ___: object) -> _Errors:
    texts = ", ".join(str(rule["rule"]) for rule in rules)
    yield jsonschema.ValidationError(f"not judged here: {texts}")


_VALIDATOR: Callable[..., jsonschema.protocols.Validator] = jsonschema.validators.extend(
    jsonschema.Draft202012Validator, {_CLOSED: _unknown, _LIST: _repeated, _CEL: _unjudged}
)  # type: ignore[no-untyped-call]  # its stub says nothing
_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_a_time(value: object) -> bool:
    return not isinstance(value, str) or re.match(_as_go_reads_it(_TIME), value) is not None


def _line(error: jsonschema.ValidationError) -> str:
    place = "".join(
        f"[{one}]" if isinstance(one, int) else f".{one}" for one in error.absolute_path
    )
    text = error.message if len(error.message) <= 200 else f"...{error.message[-200:]}"
    return f"{place.lstrip('.') or '(whole)'}: {text}"
