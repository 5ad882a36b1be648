"""Webhook dialects: a delivery to what it asks for. Pure; one module per kind of sender."""

from __future__ import annotations

from collections.abc import Mapping

from github_app.webhooks import (
    acr,
    argocd,
    artifactory,
    distribution,
    dockerhub,
    ecr,
    gar,
    gitea,
    github,
    gitlab,
    harbor,
    nexus,
    post,
    quay,
    zot,
)
from github_app.webhooks.message import Dialect

DIALECTS: Mapping[str, Dialect] = {
    "github": Dialect(github.proven, github.read),
    "distribution": Dialect(distribution.proven, distribution.read),
    "dockerhub": Dialect(dockerhub.proven, dockerhub.read),
    "quay": Dialect(quay.proven, quay.read),
    "harbor": Dialect(harbor.proven, harbor.read),
    "acr": Dialect(acr.proven, acr.read),
    "ecr": Dialect(ecr.proven, ecr.read),
    "gar": Dialect(gar.proven, gar.read),
    "artifactory": Dialect(artifactory.proven, artifactory.read),
    "gitlab": Dialect(gitlab.proven, gitlab.read),
    "gitea": Dialect(gitea.proven, gitea.read),
    "nexus": Dialect(nexus.proven, nexus.read),
    "zot": Dialect(zot.proven, zot.read),
    "argocd": Dialect(argocd.proven, argocd.read),
    "post": Dialect(post.proven, post.read),
}
"""Every kind of sender, under the last part of its address `/webhooks/<name>`."""
