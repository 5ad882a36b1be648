"""A thin client of a Kubernetes API server: get, apply, patch, delete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.argocd.processes import until

Object = dict[str, Any]

# JSON is YAML, so the body of a server-side apply is written as JSON.
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind as an object names it."""

    api_version: str
    kind: str

    @classmethod
    def of(cls, thing: Object) -> Kind:
        """The kind of an object."""
        return cls(thing["apiVersion"], thing["kind"])


CONFIG_MAP, SECRET = Kind("v1", "ConfigMap"), Kind("v1", "Secret")
APPLICATION = Kind("argoproj.io/v1alpha1", "Application")
DEFINITION = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")


@dataclass(frozen=True, slots=True)
class Api:
    """An API server, spoken to with one token; every other answer than asked for is an error."""

    url: str
    token: str
    certificate: Path
    _places: dict[Kind, tuple[str, bool]] = field(default_factory=dict)

    def get(self, kind: Kind, name: str, namespace: str = "") -> Object | None:
        """The object, or nothing where there is none."""
        answer = self._send("GET", self._path(kind, namespace, name))
        if answer.status_code == 404:
            return None
        return _object(answer)

    def all_of(self, kind: Kind, namespace: str = "") -> list[Object]:
        """All objects of a kind, of all namespaces where none is given."""
        items: list[Object] = _object(self._send("GET", self._path(kind, namespace)))["items"]
        return items

    def apply(self, *things: Object) -> None:
        """Apply objects on the server's side, one after another, and wait for definitions.

        https://kubernetes.io/docs/reference/using-api/server-side-apply/
        """
        for thing in things:
            kind, name, namespace = Kind.of(thing), *_names(thing)
            path = f"{self._path(kind, namespace, name)}?fieldManager=tests&force=true"
            _object(self._send("PATCH", path, thing, APPLY))
            if kind == DEFINITION:
                until(partial(self._established, name), f"{name} to be established")

    def patch(
        self, kind: Kind, name: str, namespace: str, change: Object, subresource: str = ""
    ) -> Object:
        """The object after a JSON merge patch, of its status where `subresource` says so."""
        path = self._path(kind, namespace, name) + (f"/{subresource}" if subresource else "")
        return _object(self._send("PATCH", path, change, MERGE))

    def delete(self, kind: Kind, name: str, namespace: str = "") -> None:
        """Delete the object; what follows from it is not waited for."""
        _object(self._send("DELETE", self._path(kind, namespace, name)))

    def ready(self) -> bool:
        """Whether the API server is up."""
        try:
            return self._send("GET", "/readyz").ok
        except requests.ConnectionError:
            return False

    def version(self) -> str:
        """The version that it says it has, as in v1.34.2."""
        text: str = _object(self._send("GET", "/version"))["gitVersion"]
        return text

    def _established(self, name: str) -> bool:
        found = self.get(DEFINITION, name) or {}
        conditions = found.get("status", {}).get("conditions") or ()
        return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)

    def _path(self, kind: Kind, namespace: str, name: str = "") -> str:
        if kind not in self._places:
            found = until(partial(self._discovered, kind), f"{kind} to be served", seconds=30)
            self._places[kind] = (found[0]["name"], found[0]["namespaced"])
        place, namespaced = self._places[kind]
        inside = f"/namespaces/{namespace}" if namespaced and namespace else ""
        return f"{_group(kind)}{inside}/{place}" + (f"/{name}" if name else "")

    def _discovered(self, kind: Kind) -> list[Object]:
        answer = self._send("GET", _group(kind))
        resources = answer.json()["resources"] if answer.ok else ()
        return [one for one in resources if one["kind"] == kind.kind and "/" not in one["name"]]

    def _send(
        self, method: str, path: str, body: object = None, content: str = ""
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(
            method,
            f"{self.url}{path}",
            headers=headers | ({"Content-Type": content} if content else {}),
            data=None if body is None else json.dumps(body),
            verify=str(self.certificate),
            timeout=30,
        )


def _group(kind: Kind) -> str:
    return "/api/v1" if kind.api_version == "v1" else f"/apis/{kind.api_version}"


def _object(answer: requests.Response) -> Object:
    assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    body: Object = answer.json()
    return body


def _names(thing: Object) -> Iterator[str]:
    yield thing["metadata"]["name"]
    yield thing["metadata"].get("namespace", "")
