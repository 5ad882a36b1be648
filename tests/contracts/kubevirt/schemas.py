"""What the API server would not accept of a KubeVirt or CDI object, by its CRD's own schema.

The rules of a structural schema become JSON Schema: fields that no schema names are mistakes (the
API server prunes them: what the author asked for is lost), nulls are dropped where a field is not
nullable, lists keep to their keys. What webhooks refuse is not seen: the schemas let a disk have
two sources, say. Rules in CEL are not run; a value they would judge is a mistake.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.contracts.kubevirt import fetch
from tests.contracts.kubevirt.structural import PRESERVE, Judge, Schema

_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
_LABEL = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)"
_KEY = rf"^([a-z0-9.-]{{1,253}}/)?{_LABEL}$"

# What every object's metadata may hold, whatever its CRD says: the CRDs only say "an object".
# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
_ANYTHING: Schema = {"type": "object", PRESERVE: True}
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
        self._judges: dict[str, Judge] = {}

    def mistakes(self, version: str, manifest: Mapping[str, object]) -> list[str]:
        """What of the object this version's schema does not allow; [] if nothing."""
        if version not in self._versions:
            served = ", ".join(self._versions)
            return [f"apiVersion: {self._title} is served as {served}, not as {version!r}"]
        if version not in self._judges:
            self._judges[version] = Judge(_rooted(self._versions[version]))
        return self._judges[version].mistakes(manifest)


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


class _Loader(yaml.CSafeLoader):
    """YAML as kubectl turns it into JSON: a date is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The Kubernetes objects of a YAML text (a rendered stage, say), lists taken apart."""
    for document in yaml.load_all(text, Loader=_Loader):
        yield from _objects_of(document)


def _objects_of(document: object) -> Iterator[dict[str, Any]]:
    if not isinstance(document, dict) or "kind" not in document:
        return
    if str(document["kind"]).endswith("List"):
        for item in document.get("items") or ():
            yield from _objects_of(item)
    else:
        yield document
