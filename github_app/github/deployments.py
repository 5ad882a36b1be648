"""Deployments by GitHub's REST API, which takes a commit where GraphQL wants a branch."""

from __future__ import annotations

from typing import Any

from github_app.actions import Deploy
from github_app.github.answers import message_of
from github_app.github.host import checked_repository
from github_app.github.transport import Transport
from github_app.ports import Done, Failed
from plugin.errors import Refusal


def create_deployment(installation: Transport, repository: str, deploy: Deploy) -> Done | Failed:
    """A deployment of exactly this commit: nothing is merged into it, and no check is waited for.

    https://docs.github.com/rest/deployments/deployments#create-a-deployment
    """
    body: dict[str, Any] = {
        "ref": deploy.oid,
        "environment": deploy.environment,
        "production_environment": deploy.production,
        "transient_environment": False,
        "auto_merge": False,
        "required_contexts": [],
        "description": deploy.description,
        "payload": dict(deploy.payload),
    }
    path = f"/repos/{checked_repository(repository)}/deployments"
    try:
        answer = installation.rest("POST", path, body)
    except Refusal as refusal:
        return Failed("refused", str(refusal))
    if answer.status != 201:
        return Failed(str(answer.status), message_of(answer))
    return Done({"deployment": {"id": str(answer.json["node_id"])}})
