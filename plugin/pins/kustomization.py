"""How a kustomization is known: the names of its file, and the group of its API."""

from __future__ import annotations

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
GROUP = "kustomize.config.k8s.io/"
