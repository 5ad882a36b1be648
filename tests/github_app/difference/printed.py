"""Manifests for the tests, in the form that kustomize prints."""

from __future__ import annotations


def deployment(name: str = "web", tag: str = "1.0.0", *, more: str = "") -> str:
    """A Deployment of one container; `more` are further lines of its spec."""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: shop
spec:
{more}  template:
    spec:
      containers:
      - image: ghcr.io/acme/{name}:{tag}
        name: {name}
"""


def config(name: str, **data: str) -> str:
    """A ConfigMap."""
    values = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return (
        f"apiVersion: v1\ndata:\n{values}kind: ConfigMap\nmetadata:\n"
        f"  name: {name}\n  namespace: shop\n"
    )


def secret(name: str, **data: str) -> str:
    """A Secret."""
    return config(name, **data).replace("ConfigMap", "Secret")


def manifests(*documents: str) -> bytes:
    """All of them in one text."""
    return "---\n".join(documents).encode()
