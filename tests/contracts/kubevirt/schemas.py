"""What the API server would not accept of a KubeVirt or CDI object, by its CRD's own schema.

The rules of a structural schema become JSON Schema: fields that no schema names are mistakes (the
API server prunes them: what the author asked for is lost), nulls are dropped where a field is not
nullable, integers keep to their width, lists to their keys. What webhooks refuse is not seen: the
schemas let a disk have two sources. Rules in CEL are not run; a value they would judge is a mistake.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import jsonschema
import pytest
import yaml

from tests.contracts.kubevirt import fetch

Schema = Mapping[str, Any]

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
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
    | {"additionalProperties", "allOf", "anyOf", "oneOf", "not", _PRESERVE, _INT_OR_STRING}
)
_WITHOUT_EFFECT = frozenset({"default", "x-kubernetes-map-type"})
_WIDTHS = {"int32": 2**31, "int64": 2**63}
_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
_LABEL = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)"
_KEY = rf"^([a-z0-9.-]{{1,253}}/)?{_LABEL}$"
_TIME = r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$"

# What every object's metadata may hold, whatever its CRD says: the CRDs only say "an object".
# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
_ANYTHING: Schema = {"type": "object", _PRESERVE: True}
METADATA: Schema = {
    "type": "object",
    "anyOf": [{"required": ["name"]}, {"required": ["generateName"]}],
    "properties": {
        "name": {"type": "string", "pattern": _NAME, "maxLength": 253},
        "generateName": {"type": "string"},
        "namespace": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"},
        "labels": {
            "type": "object",
            "propertyNames": {"pattern": _KEY},
            "additionalProperties": {"type": "string", "pattern": f"^{_LABEL}?$"},
        },
        "annotations": {
            "type": "object",
            "propertyNames": {"pattern": _KEY},
            "additionalProperties": {"type": "string"},
        },
        "finalizers": {"type": "array", "items": {"type": "string"}},
        "ownerReferences": {"type": "array", "items": _ANYTHING},
        "managedFields": {"type": "array", "items": _ANYTHING},
        "creationTimestamp": {"type": "string", "format": "date-time"},
        "deletionTimestamp": {"type": "string", "format": "date-time"},
        "deletionGracePeriodSeconds": {"type": "integer", "format": "int64"},
        "generation": {"type": "integer", "format": "int64"},
        "resourceVersion": {"type": "string"},
        "selfLink": {"type": "string"},
        "uid": {"type": "string"},
    },
}


@pytest.fixture(scope="session")
def crds() -> None:
    """Skip, with the reason and the command, where the schemas were not fetched."""
    why = fetch.absent()
    if why is not None:
        pytest.skip(why)


def known(manifest: Mapping[str, object]) -> bool:
    """Whether there is a schema for the object's group and kind, in whatever version."""
    group, _, _ = str(manifest.get("apiVersion")).rpartition("/")
    return (group, manifest.get("kind")) in _crds()


def mistakes(manifest: Mapping[str, object]) -> list[str]:
    """What the API server would not accept or would drop, each as `field: why`; [] if nothing.

    An object of a kind without a schema is one mistake, so that nothing passes unseen; so is a
    version of a kind that its CRD does not serve.
    """
    group, _, version = str(manifest.get("apiVersion")).rpartition("/")
    kind = manifest.get("kind")
    crd = _crds().get((group, str(kind)))
    if crd is None:
        return [f"no schema for {manifest.get('apiVersion')} {kind}"]
    return crd.mistakes(version, manifest)


class Crd:
    """One kind of object, as its custom resource definition describes it."""

    def __init__(self, group: str, kind: str, versions: Mapping[str, Schema]) -> None:
        self._title = f"{kind} in {group}"
        self._versions = versions
        self._validators: dict[str, jsonschema.protocols.Validator] = {}

    def mistakes(self, version: str, manifest: Mapping[str, object]) -> list[str]:
        """What of the object this version's schema does not allow; [] if nothing."""
        if version not in self._versions:
            served = ", ".join(self._versions)
            return [f"apiVersion: {self._title} is served as {served}, not as {version!r}"]
        schema = _rooted(self._versions[version])
        if version not in self._validators:
            self._validators[version] = _VALIDATOR(_json_schema(schema), format_checker=_FORMATS)
        errors = self._validators[version].iter_errors(_without_nulls(manifest, schema))
        return sorted(_line(error) for error in errors)


@functools.lru_cache(maxsize=1)
def _crds() -> dict[tuple[str, str], Crd]:
    why = fetch.absent()
    if why is not None:
        raise FileNotFoundError(why)
    kinds = [*fetch.KUBEVIRT_KINDS, *fetch.CDI_KINDS]
    documents = [json.loads((fetch.PLACE / f"{kind}.json").read_text()) for kind in kinds]
    return {
        (one["group"], one["kind"]): Crd(one["group"], one["kind"], one["versions"])
        for one in documents
    }


def _rooted(schema: Schema) -> Schema:
    properties = {
        **schema["properties"],
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": METADATA,
    }
    required = [*schema.get("required", ()), "metadata"]
    return {**schema, "properties": properties, "required": required}


def _json_schema(schema: Schema, *, closed: bool = True) -> dict[str, Any]:
    """The same rules as JSON Schema; parts of a union judge values and never close an object."""
    strange = schema.keys() - _SAME - _TRANSLATED - _WITHOUT_EFFECT
    if strange:
        raise ValueError(f"no translation for {sorted(strange)}")
    made = {key: schema[key] for key in _SAME & schema.keys()}
    made |= dict(_scalar(schema)) | dict(_children(schema, closed=closed))
    if closed and schema.get("type") == "object" and "additionalProperties" not in schema:
        made |= {} if schema.get(_PRESERVE) else {_CLOSED: list(schema.get("properties", ()))}
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
    width = _WIDTHS.get(schema.get("format", ""))
    if width is not None:
        yield "minimum", max(-width, schema.get("minimum", -width))
        yield "maximum", min(width - 1, schema.get("maximum", width - 1))
    elif "format" in schema:
        yield "format", schema["format"]


def _as_go_reads_it(pattern: str) -> str:
    """Go's `$` is the very end, its `\\d` is ASCII."""
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


def _without_nulls(value: object, schema: Schema) -> object:
    """A copy without the nulls of fields that may not be null: absent, to the API server."""
    if isinstance(value, Mapping):
        fields = ((key, each, _field(schema, key)) for key, each in value.items())
        return {
            key: _without_nulls(each, field)
            for key, each, field in fields
            if each is not None or field.get("nullable")
        }
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_without_nulls(each, schema.get("items", {})) for each in value]
    return value


def _field(schema: Schema, name: str) -> Schema:
    found = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
    return found if isinstance(found, Mapping) else {}


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


_VALIDATOR = cast(
    Callable[..., jsonschema.protocols.Validator],
    jsonschema.validators.extend(
        jsonschema.Draft202012Validator,
        {_CLOSED: _unknown, _LIST: _repeated, _CEL: _unjudged},
    ),
)
_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_a_time(value: object) -> bool:
    return not isinstance(value, str) or re.match(_as_go_reads_it(_TIME), value) is not None


def _line(error: jsonschema.ValidationError) -> str:
    place = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in error.absolute_path)
    text = error.message if len(error.message) <= 200 else f"...{error.message[-200:]}"
    return f"{place.lstrip('.') or '(whole)'}: {text}"


@dataclass(frozen=True, slots=True)
class Named:
    """How CDI names the DataVolume of a digest: the numbers are its own, from `names.json`."""

    suffix_length: int
    digest_prefixes: tuple[str, ...]
    max_length: int
    cut_for_hash: int

    def name(self, base: str, digest: str, max_length: int | None = None) -> str:
        """`<base>-<first digits of the digest>`; a base too long is cut and its hash put in.

        Raises ValueError where CDI refuses the digest.
        """
        limit = self.max_length if max_length is None else max_length
        prefix = next((one for one in self.digest_prefixes if digest.startswith(one)), None)
        if prefix is None or len(digest) < len(prefix) + self.suffix_length:
            raise ValueError(f"CDI makes no name of {digest!r}")
        suffix = digest[len(prefix) :][: self.suffix_length]
        whole = f"{base}-{suffix}"
        if len(whole) <= limit:
            return whole
        room = limit - self.cut_for_hash - len(suffix)
        return f"{base[:room]}-{_fnv32a(base):08x}-{suffix}"


def cdi_names() -> Named:
    """CDI's convention, as its source says it."""
    facts = {key: fact["value"] for key, fact in json.loads(fetch.NAMES.read_text()).items()}
    return Named(
        suffix_length=facts["suffix_length"],
        digest_prefixes=tuple(facts["digest_prefixes"]),
        max_length=facts["max_length"],
        cut_for_hash=facts["cut_for_hash"],
    )


def _fnv32a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) % 2**32
    return value


class _Loader(yaml.CSafeLoader):
    """YAML as kubectl turns it into JSON: a date is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The Kubernetes objects of a YAML text (a rendered stage, say), lists taken apart."""
    for document in yaml.load_all(text, Loader=_Loader):  # noqa: S506, a safe loader's subclass
        yield from _objects_of(document)


def _objects_of(document: object) -> Iterator[dict[str, Any]]:
    if not isinstance(document, dict) or "kind" not in document:
        return
    if str(document["kind"]).endswith("List"):
        for item in document.get("items") or ():
            yield from _objects_of(item)
    else:
        yield document
