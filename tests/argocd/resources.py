"""What stands in the cluster before any test: Argo CD's own objects, KubeVirt's and CDI's kinds."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]

NAMESPACE = "argocd"
CRDS = ("application", "appproject", "applicationset")


def namespace(name: str) -> Object:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def argocd(files: Path) -> Iterator[Object]:
    """Argo CD's definitions and settings out of its source, and what argocd-server would add."""
    for name in CRDS:
        yield from _read(files / "manifests" / "crds" / f"{name}-crd.yaml")
    yield namespace(NAMESPACE)
    for path in sorted((files / "manifests" / "base" / "config").glob("argocd-*.yaml")):
        for thing in _read(path):
            thing["metadata"]["namespace"] = NAMESPACE
            yield thing
    yield _signing_key()
    yield project("default")


def _read(path: Path) -> list[Object]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def _signing_key() -> Object:
    key = base64.b64encode(b"a key that signs nothing here").decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "argocd-secret",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/part-of": "argocd"},
        },
        "data": {"server.secretkey": key},
    }


def project(name: str) -> Object:
    """An AppProject that allows everything."""
    everything = [{"group": "*", "kind": "*"}]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "namespace": "*"}],
            "clusterResourceWhitelist": everything,
        },
    }


def virtualization() -> Iterator[Object]:
    """KubeVirt's and CDI's kinds, with any field and a status of their own."""
    yield _definition("kubevirt.io", "v1", "VirtualMachine")
    yield _definition("cdi.kubevirt.io", "v1beta1", "DataVolume")
    yield _definition("cdi.kubevirt.io", "v1beta1", "DataSource")


def _definition(group: str, version: str, kind: str) -> Object:
    plural = f"{kind.lower()}s"
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": anything},
                    "subresources": {"status": {}},
                }
            ],
        },
    }
